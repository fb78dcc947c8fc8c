"""Others hear of a publication when the machines that answer serve it, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from feedsvc.deliveries import deliveries as limits
from feedsvc.deliveries.deliveries import Means
from support.hubs import Hub, deliver_at_once, delivering
from support.live import Newsroom, until


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    yield made
    made.close()


@pytest.fixture
def served(newsroom: Newsroom, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    """A newsroom whose two machines serve its first publication, and whose hub knows it."""
    deliver_at_once(monkeypatch)
    newsroom.write("site.toml", f'[site]\nhub = "{hub.url}"\n')
    newsroom.write("sport/win.md")
    newsroom.build()
    for machine in ("one", "two"):
        newsroom.store.report_serving(machine, newsroom.store.generation())
    with delivering(newsroom.store) as deliveries:
        deliveries.wake()
        until(lambda: newsroom.store.targets()["hub"].generation == newsroom.store.generation())
    hub.requests.clear()
    newsroom.write("sport/draw.md")
    newsroom.build(after=timedelta(minutes=1))
    return newsroom


def test_the_slowest_machine_is_waited_for(served: Newsroom, hub: Hub) -> None:
    looks: list[dict[str, int]] = []
    serving = served.store.serving
    served.store.serving = lambda: looks.append(found := serving()) or found  # type: ignore[method-assign, func-returns-value]
    with delivering(served.store, Means()) as deliveries:
        deliveries.wake()
        served.store.report_serving("one", served.store.generation())
        until(lambda: len([look for look in looks if look["one"] > look["two"]]) > 3)
        assert hub.requests == []
        served.store.report_serving("two", served.store.generation())
        until(lambda: hub.requests)


def test_a_machine_that_is_gone_is_waited_for_once(
    served: Newsroom, hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(limits, "MACHINE_SECONDS", 0.1)
    served.store.report_serving("one", served.store.generation())
    with delivering(served.store) as deliveries:
        deliveries.wake()
        until(lambda: hub.requests)
    assert "before two, which does not serve them" in caplog.text
    assert served.store.serving() == {"one": served.store.generation()}


def test_a_web_worker_reports_what_it_serves(served: Newsroom) -> None:
    served.client()
    until(lambda: served.store.generation() in [one for name, one in served.store.serving().items() if name not in ("one", "two")])
