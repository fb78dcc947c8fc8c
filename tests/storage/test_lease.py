"""One builder at a time, whatever becomes of the others."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from feedsvc.errors import LeaseLost, StoreError
from feedsvc.model.publication import Publication
from feedsvc.processes.procfs import began, boot, pid_space
from feedsvc.storage import lease as lease_module
from feedsvc.storage import tables
from feedsvc.storage.facts import BUILT
from feedsvc.storage.lease import LEASE_TTL_SECONDS, Holder, Lease, current_holder
from feedsvc.storage.store import Store
from support.live import SLOW

ELSEWHERE = Holder("another.example", 4711, "token")


@pytest.fixture(autouse=True)
def no_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """No holder beats by itself, however long a test takes."""
    monkeypatch.setattr(lease_module, "BEAT_SECONDS", 3600.0)


@pytest.fixture
def first(store: Store) -> Iterator[Lease]:
    made = Lease(store)
    assert made.acquire(0)
    yield made
    made.release()


@pytest.fixture
def second(database: str) -> Iterator[Lease]:
    own = Store(database)
    made = Lease(own)
    yield made
    made.release()
    own.close()


def hold(store: Store, holder: Holder | None, fence: int = 1, beat: int = 0) -> None:
    """Writes the row as a holder elsewhere would."""
    written = msgspec.json.encode(holder).decode() if holder else ""
    with store.writing() as connection:
        connection.execute(tables.lease.delete())
        connection.execute(tables.lease.insert().values(name="builder", holder=written, fence=fence, beat=beat))


def here(pid: int, began: int = 0) -> Holder:
    """A process of this machine, and of this space of process numbers."""
    return Holder(socket.gethostname(), pid, "token", began=began, boot=boot(), space=pid_space())


def beats(store: Store) -> int:
    with store.reading() as connection:
        return int(connection.execute(tables.lease.select()).one().beat)


def test_one_holds_and_the_other_waits(store: Store, first: Lease, second: Lease) -> None:
    assert not second.acquire(0) and not second.acquire(LEASE_TTL_SECONDS)
    holder = current_holder(store)
    assert holder is not None
    assert (holder.host, holder.pid, holder.dead) == (socket.gethostname(), os.getpid(), False)
    first.release()
    assert current_holder(store) is None
    assert second.acquire(LEASE_TTL_SECONDS)
    assert second.fence == first.fence + 1
    assert current_holder(store) not in (None, holder)


def test_nobody_holds_it_at_first(store: Store) -> None:
    assert current_holder(store) is None


def test_a_lease_can_be_given_back_and_taken_again(store: Store) -> None:
    lease = Lease(store)
    for fence in (1, 2, 3):
        assert lease.acquire(0) and lease.fence == fence
        lease.release()
    lease.release()


def test_giving_back_what_another_holds_changes_nothing(store: Store, first: Lease, second: Lease) -> None:
    second.release()
    assert current_holder(store) is not None
    assert store.publish(Publication(), holder=first.holder, fence=first.fence) == 1


DIE = """
    import os, sys
    from feedsvc.storage.lease import Lease
    from feedsvc.storage.store import Store
    assert Lease(Store(sys.argv[1])).acquire(0)
    os.kill(os.getpid(), 9)
"""


def test_a_dead_process_of_this_machine_is_succeeded_at_once(store: Store, database: str, second: Lease) -> None:
    died = subprocess.run([sys.executable, "-c", textwrap.dedent(DIE), database], timeout=SLOW)
    assert died.returncode == -9
    holder = current_holder(store)
    assert holder is not None and holder.dead and holder.pid != os.getpid()
    assert second.acquire(0)
    assert second.fence == 2


def test_a_living_process_of_this_machine_is_not(store: Store, second: Lease) -> None:
    hold(store, here(os.getppid(), began=began(os.getppid())))
    assert not second.acquire(0)
    hold(store, here(os.getppid()), fence=2)  # of a release that did not say when it began
    assert not second.acquire(0)


def test_a_dead_process_is_succeeded_at_once_though_another_has_its_number(store: Store, second: Lease) -> None:
    hold(store, here(os.getppid(), began=began(os.getppid()) - 1))
    assert second.acquire(0)


@pytest.mark.parametrize("elsewhere", [{"boot": "another"}, {"space": 1}, {"boot": "", "space": 0}])
def test_a_number_of_another_container_or_another_boot_says_nothing_here(
    store: Store, second: Lease, elsewhere: dict[str, Any]
) -> None:
    # In ours nobody has that number, and in its own it may be alive.
    holder = msgspec.structs.replace(here(2**22 + 1), **elsewhere)
    assert here(2**22 + 1).dead and not holder.dead
    hold(store, holder)
    assert [second.acquire(moment) for moment in (0, LEASE_TTL_SECONDS)] == [False, False]
    assert second.due(LEASE_TTL_SECONDS - 1) == 1, "it need not sleep longer"
    assert second.acquire(LEASE_TTL_SECONDS + 0.1)


def test_a_process_of_another_user_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(pid: int, sign: int) -> None:
        raise PermissionError

    monkeypatch.setattr(lease_module.os, "kill", refused)
    assert not here(1).dead
    assert not ELSEWHERE.dead


def test_another_machine_is_succeeded_when_it_has_been_silent_for_long(store: Store, second: Lease) -> None:
    hold(store, ELSEWHERE, fence=7)
    moments = 1000, 1000 + LEASE_TTL_SECONDS / 2, 1000 + LEASE_TTL_SECONDS
    assert [second.acquire(moment) for moment in moments] == [False, False, False]
    assert second.acquire(1000 + LEASE_TTL_SECONDS + 0.1)
    assert second.fence == 8


def test_the_patient_outwait_the_silent_and_yield_to_the_living(
    store: Store, first: Lease, second: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_module, "LOOK_AGAIN_SECONDS", 0.01)
    over = threading.Event()

    def live() -> None:
        while not over.wait(0.05):
            store.publish(Publication(), holder=first.holder, fence=first.fence)

    living = threading.Thread(target=live, daemon=True)
    living.start()
    try:
        assert not second.acquire_patiently()
    finally:
        over.set()
        living.join(SLOW)
    monkeypatch.setattr(lease_module, "LEASE_TTL_SECONDS", 0.2)
    hold(store, ELSEWHERE, fence=7)
    assert second.acquire_patiently() and second.fence == 8


def test_a_beat_begins_the_wait_anew(store: Store, second: Lease) -> None:
    hold(store, ELSEWHERE, beat=1)
    assert not second.acquire(0)
    hold(store, ELSEWHERE, beat=2)
    assert not second.acquire(LEASE_TTL_SECONDS + 1), "its first sight of this beat"
    assert not second.acquire(2 * LEASE_TTL_SECONDS)
    hold(store, ELSEWHERE, fence=2, beat=2)
    assert not second.acquire(2 * LEASE_TTL_SECONDS + 2), "another holder since"
    assert second.acquire(3 * LEASE_TTL_SECONDS + 3)


def test_of_two_who_succeed_at_once_one_does(store: Store, database: str, second: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(store, None, fence=3)
    third = Lease(store)

    def free_and_then_taken(*_: object) -> bool:
        monkeypatch.undo()
        assert third.acquire(0)
        return True

    monkeypatch.setattr(second, "_free", free_and_then_taken)
    assert not second.acquire(0)
    assert third.fence == 4
    third.release()


def test_of_two_who_come_first_one_holds(store: Store, second: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    insert_new = second._store.insert_new

    def taken_meanwhile(table: object) -> object:
        monkeypatch.undo()
        hold(store, ELSEWHERE)
        return insert_new(tables.lease)

    monkeypatch.setattr(second._store, "writing", store.reading)  # else the two writers would wait for each other
    monkeypatch.setattr(second._store, "insert_new", taken_meanwhile)
    assert not second.acquire(0)
    assert current_holder(store) == ELSEWHERE


def end_own_beats(lease: Lease) -> None:
    """Ends the thread that beats for a lease; a test does so itself then."""
    assert lease._beating
    lease._stop.set()
    lease._beating.join(SLOW)
    lease._beating = None


def test_the_holder_shows_signs_of_life(store: Store, first: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    end_own_beats(first)
    waits = iter([False, False, True])
    monkeypatch.setattr(first._stop, "wait", lambda seconds: next(waits))
    before = beats(store)
    first._beat()
    assert beats(store) == before + 2


def test_who_has_lost_the_lease_is_silent(store: Store, first: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    end_own_beats(first)
    hold(store, ELSEWHERE, fence=2)
    monkeypatch.setattr(first._stop, "wait", lambda seconds: False)
    first._beat()
    assert beats(store) == 0


def test_a_database_that_fails_for_a_moment_does_not_end_the_beat(
    store: Store, first: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, writing = iter([False, False, True]), store.writing

    def failing() -> object:
        monkeypatch.setattr(store, "writing", writing)
        raise StoreError("the disk is full")

    before = beats(store)
    monkeypatch.setattr(first._stop, "wait", lambda seconds: next(waits))
    monkeypatch.setattr(store, "writing", failing)
    first._beat()
    assert beats(store) == before + 1


def test_a_build_is_a_sign_of_life(store: Store, first: Lease) -> None:
    before = beats(store)
    store.publish(Publication(), holder=first.holder, fence=first.fence)
    assert beats(store) == before + 1


def test_who_was_succeeded_publishes_no_more(store: Store, second: Lease) -> None:
    sleeper = Lease(store)
    assert sleeper.acquire(0)
    assert not second.acquire(0)
    assert second.acquire(LEASE_TTL_SECONDS + 1), "it gave no sign by our clock"
    with pytest.raises(LeaseLost):
        store.publish(Publication(facts={"built": "late"}), holder=sleeper.holder, fence=sleeper.fence)
    assert store.fact(BUILT) is None and store.generation() == 0
    assert store.publish(Publication(), holder=second.holder, fence=second.fence) == 1
    sleeper.release()
    assert store.publish(Publication(), holder=second.holder, fence=second.fence) == 2


def test_a_broken_database_is_told(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/feedsvc.db")
    tables.lease.drop(store.engine)
    with pytest.raises(StoreError, match="no such table: lease"):
        Lease(store).acquire(0)
    store.close()
