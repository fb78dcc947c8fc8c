"""Machines whose folders are not the same: none goes back, and none that can't build keeps others from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cluster.machine import Machine
from feedsvc.builder import schedule
from feedsvc.storage.facts import GAVE_WAY, WAITS
from feedsvc.storage.lease import current_holder
from feedsvc.storage.store import Store
from support.live import save, until

Machines = Callable[..., Machine]


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "LEASE_WAIT_SECONDS", 0.1)
    monkeypatch.setattr(schedule, "GIVE_WAY_SECONDS", 1.0)


def feed(store: Store) -> str:
    document = store.document("/feeds/all.json")
    return document.encodings["identity"].body.decode() if document else ""


def test_an_older_checkout_takes_nothing_back(machine: Machines, seen: Store, database: str) -> None:
    newer, older = machine("newer", database), machine("older", database)
    for one, title in ((newer, "The tide, corrected"), (older, "The tide")):
        save(one.folder, "harbour/tide.md", title, id="tide")
    save(newer.folder, "harbour/fog.md", "Fog")
    newer.check_out("8")
    older.check_out("7")
    newer.start()
    until(lambda: "corrected" in feed(seen))
    newer.stop()
    generation = seen.generation()
    older.start()
    until(lambda: "they have revision 7, published is 8" in older.problem)
    assert current_holder(seen) is None and seen.generation() == generation
    save(older.folder, "harbour/tide.md", "The tide, corrected twice", id="tide")
    save(older.folder, "harbour/fog.md", "Fog")
    older.check_out("9")
    until(lambda: "corrected twice" in feed(seen))
    older.check_out("8")  # under its hands
    save(older.folder, "harbour/fog.md", "Fog, as it was")
    until(lambda: "they have revision 8, published is 9" in older.problem)
    assert "as it was" not in feed(seen)
    until(lambda: current_holder(seen) is None)


def fill(machine: Machine) -> None:
    for number in range(8):
        save(machine.folder, f"harbour/ship-{number}.md", f"Ship {number}", id=f"ship-{number}")


def test_an_empty_folder_gives_the_lease_to_one_that_is_not(machine: Machines, seen: Store, database: str) -> None:
    whole, empty = machine("whole", database), machine("empty", database)
    fill(whole)
    whole.start()
    until(lambda: feed(seen).count('"Ship ') >= 8)
    whole.stop()
    empty.start()
    healthy = machine("healthy", database)
    fill(healthy)
    save(healthy.folder, "harbour/tide.md", "The tide")
    until(lambda: "8 of 8 articles are gone" in seen.facts().get("brake", ""))
    healthy.start()
    until(lambda: "The tide" in feed(seen))
    until(lambda: not seen.facts()["brake"])


def test_one_that_comes_late_gets_the_lease_from_an_empty_folder(machine: Machines, seen: Store, database: str) -> None:
    whole, empty = machine("whole", database), machine("empty", database)
    fill(whole)
    whole.start()
    until(lambda: feed(seen).count('"Ship ') >= 8)
    whole.stop()
    empty.start()
    until(lambda: seen.fact(GAVE_WAY) and current_holder(seen) is None)
    until(lambda: empty.builds)  # nobody has come
    healthy = machine("healthy", database)
    fill(healthy)
    save(healthy.folder, "harbour/tide.md", "The tide")
    healthy.start()
    until(lambda: "The tide" in feed(seen))
    until(lambda: not seen.fact(GAVE_WAY) and not seen.fact(WAITS))


def test_where_every_brake_holds_one_goes_on(machine: Machines, seen: Store, database: str) -> None:
    first = machine("first", database, interval=0.5)
    fill(first)
    first.start()
    until(lambda: feed(seen).count('"Ship ') >= 8)
    second = machine("second", database, interval=0.5).start()
    for number in range(8):
        (first.folder / f"articles/harbour/ship-{number}.md").unlink()
    both = {first.lease.token, second.lease.token}
    until(lambda: set(seen.fact(GAVE_WAY)) == both)
    until(lambda: first.builds)
    save(first.folder, "harbour/tide.md", "The tide")
    until(lambda: "The tide" in feed(seen))
    assert set(seen.fact(GAVE_WAY)) == both and "Ship 7" in feed(seen)
    fill(first)
    until(lambda: not seen.fact(GAVE_WAY))
