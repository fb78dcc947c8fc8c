"""The figures for Prometheus, read by its own parser; all of them are in the docs."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from feedsvc.builder.build import BuildResult
from feedsvc.builder.journal import Journal
from feedsvc.errors import StoreError
from feedsvc.processes.counters import BODIES, WRONG_TOKENS
from feedsvc.status.collect import read_status
from feedsvc.status.metrics import Figures, exposition
from feedsvc.status.status import Status
from support.docs import named
from support.live import NOON, Newsroom, Service, called, until


def families(text: str) -> dict[str, Metric]:
    """The metrics of an exposition by the names that a query has for them."""
    parsed = text_string_to_metric_families(text)
    return {f"{one.name}_total" if one.type == "counter" else one.name: one for one in parsed}


def value(text: str, name: str, **labels: str) -> float:
    found = [sample for metric in families(text).values() for sample in metric.samples if sample.name == name]
    return next(sample.value for sample in found if sample.labels == labels)


@pytest.fixture
def status(newsroom: Newsroom) -> Status:
    newsroom.write("sport/win.md", title="Town win")
    newsroom.write("sport/bad.md", date="2024-02-30")
    newsroom.write("sport/soon.md", title="Soon", date=NOON + timedelta(days=1))
    newsroom.build()
    journal = Journal(newsroom.store)
    journal.note(NOON, "start", 0.2, BuildResult(generation=1))
    journal.note(NOON, "retry", 3.0, problem="the disk is full")
    return read_status(newsroom.store, NOON)


def shown(status: Status) -> str:
    return exposition(Figures(lambda: status, True, {BODIES: 7_000, WRONG_TOKENS: 4, 200: 3, 304: 9}, {"builder": 2})).decode()


def test_every_metric_is_in_the_docs_and_the_other_way_round(status: Status) -> None:
    assert named("docs/operations.md", "Metrics") == families(shown(status)).keys()


def test_names_and_help_are_as_prometheus_wants_them(status: Status) -> None:
    for name, metric in families(shown(status)).items():
        assert name.startswith("feedsvc_") and metric.documentation.endswith(".")
        assert (metric.type == "counter") == name.endswith("_total")


def test_the_figures_are_those_of_the_status(status: Status) -> None:
    text = shown(status)
    for name, expected in (("generation", 1), ("documents", status.documents), ("quarantined_files", 1), ("lease_held", 1)):
        assert value(text, f"feedsvc_{name}") == expected
    assert value(text, "feedsvc_articles", state="live") == 1
    assert value(text, "feedsvc_articles", state="withheld") == 1
    assert value(text, "feedsvc_http_requests_total", code="304") == 9
    assert value(text, "feedsvc_http_response_body_bytes_total") == 7_000
    assert value(text, "feedsvc_wrong_tokens_total") == 4
    assert 'code="1"' not in text
    assert value(text, "feedsvc_builds_total", outcome="failed") == 1
    assert value(text, "feedsvc_build_duration_seconds_bucket", outcome="failed", le="2.5") == 0
    assert value(text, "feedsvc_build_duration_seconds_bucket", outcome="failed", le="5.0") == 1
    assert value(text, "feedsvc_build_duration_seconds_sum", outcome="failed") == 3
    assert value(text, "feedsvc_next_instant_timestamp_seconds") == (NOON + timedelta(days=1)).timestamp()


def test_what_is_not_known_is_left_out() -> None:
    def unreadable() -> Status:
        raise StoreError("the database can't be read")

    text = exposition(Figures(unreadable, False, None)).decode()
    assert families(text).keys() == {"feedsvc_ready", "feedsvc_database_up"}
    assert value(text, "feedsvc_database_up") == value(text, "feedsvc_ready") == 0


# ---- a real service


@pytest.fixture
def service(serve: Callable[..., Service], tmp_path: Path) -> Iterator[Service]:
    (tmp_path / "articles/win.md").write_text("---\ntitle: Town win\n---\nIt rained.\n")
    yield serve(workers=2).start()


def scrape(service: Service) -> str:
    token = (service.folder / "var/status-token").read_text().strip()
    answer = service.get("/metrics", Authorization=f"Bearer {token}")
    assert answer.status == 200 and answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text


def test_all_workers_are_counted_and_no_count_goes_back(service: Service) -> None:
    until(lambda: (service.folder / "var/status-token").exists() and "status page:" in service.log)
    before = value(scrape(service), "feedsvc_http_requests_total", code="200")
    for _ in range(20):
        assert service.get("/feeds/all.rss").status == 200
    assert service.get("/none").status == 404
    text = scrape(service)
    assert value(text, "feedsvc_http_requests_total", code="200") == before + 21  # the scrape before is one of them
    assert value(text, "feedsvc_http_requests_total", code="404") == 1
    assert value(text, "feedsvc_http_response_body_bytes_total") > 20 * 500
    until(lambda: value(scrape(service), "feedsvc_builds_total", outcome="published") == 1)  # by a thread of its own
    assert {value(scrape(service), "feedsvc_generation") for _ in range(6)} == {1.0}
    for worker in workers(service):
        os.kill(worker, signal.SIGKILL)
    until(lambda: answers(service))
    assert value(scrape(service), "feedsvc_http_requests_total", code="200") >= before + 21


def workers(service: Service) -> list[int]:
    return called(service, "feedsvc-web")


def answers(service: Service) -> bool:
    try:
        return all(service.is_ready() for _ in range(8)) and len(workers(service)) == 2
    except OSError:
        return False


def test_the_password_is_announced_and_the_token_is_not_in_the_log(service: Service) -> None:
    log = until(lambda: "status page:" in service.log and service.log)
    token = (service.folder / "var/status-token").read_text().strip()
    assert f"{service.url}/status (any user name, password in var/status-token)" in log
    assert token not in log
    known = until(
        lambda: (read := json.loads(service.get("/status.json", Authorization=f"Bearer {token}").body))["builds"] and read
    )
    assert known["builds"][0]["cause"] == "start" and known["lease"]["since"]
    page = service.get("/status", Authorization=f"Bearer {token}")
    assert "All is well" in page.text and "access-control-allow-origin" not in page.headers
    (service.folder / "articles/win.md").write_text("---\ntitle: Town win again\n---\nIt rained.\n")
    until(lambda: "win.md changed" in service.get("/status.json", Authorization=f"Bearer {token}").text)
    assert service.stop() == 0
    assert token not in service.log
