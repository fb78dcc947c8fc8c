"""A machine whose packets to the database are dropped: its copy is served, and nobody waits for what is not in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from support.live import FEEDSVC, Answer, Service, save, until
from support.network import Network, through

TOKEN = "x" * 32
KEY = {"Authorization": f"Bearer {TOKEN}"}


def test_it_starts_without_the_database_and_serves_on_when_it_is_lost(
    database: str, network: Network, services: Callable[..., Service], tmp_path: Path
) -> None:
    save(tmp_path, "harbour/tide.md", "The tide")
    limits = {"connect_timeout": "1", "tcp_user_timeout": "6000"}
    environment = {"FEEDSVC_DATABASE": through(network, database, **limits), "FEEDSVC_STATUS_TOKEN": TOKEN}
    network.drop()
    service = services(*FEEDSVC, "serve", "--port", "{port}", "--workers", "1", **environment).start(ready=False)
    until(lambda: listens(service))
    assert service.get("/healthz").text == "ok\n"
    assert service.get("/readyz").status == 503
    until(lambda: service.get("/readyz").text.startswith("waiting: the database "))
    assert service.get("/feeds/all.json").status == 503
    network.heal()
    until(service.is_ready)
    assert "The tide" in service.get("/feeds/all.json").text
    until(lambda: service.get("/readyz").text == "ready\n")

    network.drop()
    until(lambda: "the database does not answer, and this machine's copy" in service.get("/readyz").text)
    assert "The tide" in service.get("/feeds/all.json").text
    assert service.get("/healthz").status == 200
    until(lambda: service.get("/feeds/harbour.json").status == 200)
    lost = until(lambda: refused(service, "/articles/tide"))
    assert lost.headers["retry-after"] == "5"
    assert "feedsvc_database_up 0.0" in service.get("/metrics", **KEY).text
    network.heal()
    until(lambda: service.get("/readyz").text == "ready\n")
    until(lambda: "The tide" in service.get("/articles/tide").text)


def listens(service: Service) -> bool:
    try:
        return service.get("/healthz").status == 200
    except OSError:
        return False


def refused(service: Service, path: str) -> Answer | None:
    """The refusal of what is not in the copy, by who knows that there is nobody to ask."""
    answer = service.get(path)
    return answer if answer.status == 503 and "can't be read just now" in answer.text else None
