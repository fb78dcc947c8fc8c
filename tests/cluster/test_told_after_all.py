"""A hub hears of a change when every machine that answers has it, however far from the database one is."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from feedsvc.storage.store import Store
from support.hubs import Hub
from support.live import FEEDSVC, PUBLIC_URL, SLOW, Service, save, until
from support.network import Network, through

SERVE = (*FEEDSVC, "serve", "--port", "{port}", "--public-url", PUBLIC_URL)
SAVES = 4


def body(port: int, path: str) -> str:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=SLOW)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read().decode()


def test_a_hub_that_asks_any_machine_gets_the_new_bytes(
    database: str, networks: Callable[[], Network], services: Callable[..., Service], tmp_path: Path
) -> None:
    hub, far = Hub(), networks()
    far.delay = 0.15
    machines: list[Service] = []
    fetched: list[tuple[str, str]] = []

    def fetch(feed: str) -> tuple[int, str]:
        if feed.endswith("/feeds/all.json") and machines:
            fetched.append((body(machines[0].port, "/feeds/all.json"), body(machines[1].port, "/feeds/all.json")))
        return 204, ""

    hub.answer = fetch
    with closing(Store(database)) as store:
        try:
            save(tmp_path, "harbour/tide.md", "Tide 0")
            (tmp_path / "articles/site.toml").write_text(f'[site]\nhub = "{hub.url}"\n')
            services(*SERVE, "--role", "builder", FEEDSVC_DATABASE=database).start(ready=False)
            for number, url in enumerate((database, through(far, database))):
                flags = ("--role", "web", "--workers", "2", "--articles", "nowhere", "--local-copy", f"copies/{number}.db")
                machines.append(services(*SERVE, *flags, FEEDSVC_DATABASE=url))
            for machine in machines:
                machine.start()
            until(lambda: len(store.serving()) == 2)
            until(lambda: store.targets()["hub"].generation == store.generation())
            for number in range(1, SAVES + 1):
                fetched.clear()
                save(tmp_path, "harbour/tide.md", f"Tide {number}")
                until(lambda: fetched)
                assert all(f"Tide {number}" in found for found in fetched[0]), "one machine had the old bytes"
                until(lambda: store.targets()["hub"].generation == store.generation())
        finally:
            hub.close()
