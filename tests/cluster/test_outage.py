"""The database is away, and comes back: builders go on at once, and nobody says for ever that something is wrong."""

from __future__ import annotations

from collections.abc import Callable

from cluster.machine import Machine
from feedsvc.alarm import HOLD_SECONDS
from feedsvc.storage.lease import current_holder
from feedsvc.storage.store import Store
from support.live import save, until
from support.network import Network, through


def test_after_an_outage_all_is_well_on_who_builds_and_on_who_waits(
    machine: Callable[..., Machine], networks: Callable[[], Network], seen: Store, database: str
) -> None:
    limits = {"connect_timeout": "2", "tcp_user_timeout": "1000"}
    lines = [networks(), networks()]
    first, second = (machine(f"machine {line.port}", through(line, database, **limits), interval=0.5) for line in lines)
    save(first.folder, "harbour/tide.md", "The tide")
    first.start()
    until(seen.generation)
    second.start()
    for line in lines:
        line.drop()
    save(first.folder, "harbour/fog.md", "Fog")
    until(lambda: first.problem and second.problem)
    for line in lines:
        line.heal()
    until(lambda: seen.generation() == 2)
    holder = current_holder(seen)
    for one in (first, second):
        until(lambda one=one: works(one))
    assert not seen.facts()["problem"] and current_holder(seen) == holder


def works(machine: Machine) -> bool:
    """Whether it reports nothing, sooner or later by its clock, which shows that nothing has failed for a while."""
    machine.ahead += HOLD_SECONDS / 10
    return machine.problem == ""
