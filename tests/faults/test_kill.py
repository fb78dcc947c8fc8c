"""SIGKILL and power cuts at every step of a build: readers have the old edition or the new, and nothing is lost or told anew."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from faults.editions import BUILD, FEEDS, Look, copy, edit, entries, lay_out, look, revise, served
from faults.steps import Disk, Step, sample
from feedsvc.storage.lease import current_holder
from feedsvc.storage.store import Store
from support.live import SLOW, Service, until

# A build that waits for an hour where it does not see that who holds the lease is dead.
PATIENT = "from feedsvc.storage import lease; lease.LEASE_TTL_SECONDS = 3600.0; from feedsvc.cli.main import main; main()"


@dataclass
class Scene:
    """A folder as it lies before a build, and the same after one that nothing disturbed."""

    before: Path
    steps: list[Step]
    first: Look
    second: Look


def build(folder: Path, disk: Disk | None = None, *fault: str) -> subprocess.CompletedProcess[str]:
    """One build, with a fault or without."""
    words = [*disk.strace(*fault), *BUILD] if disk else [sys.executable, "-c", PATIENT, *BUILD[3:]]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=SLOW)


@pytest.fixture(scope="module", params=["first", "second"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The first build into no database at all, and one that makes the second edition of what is published."""
    folder = tmp_path_factory.mktemp("scene")
    before, after = folder / "before", folder / "after"
    lay_out(before)
    published = Look()
    if request.param == "second":
        assert build(before).returncode == 0
        published = look(before)
        revise(before)
    copy(before, after)
    disk = Disk(after / "var/feedsvc.db", folder / "trace")
    ended = build(after, disk)
    assert ended.returncode == 0, ended.stderr
    return Scene(before, disk.steps(), published, look(after))


@pytest.mark.parametrize("power", ["stays", "goes"])
def test_a_build_killed_at_any_step_is_whole_or_was_not(scene: Scene, power: str, tmp_path: Path) -> None:
    folder = tmp_path / "newsroom"
    disk = Disk(folder / "var/feedsvc.db", tmp_path / "trace")
    lost = 0
    for step in sample(scene.steps, 2, begin=17 if power == "goes" else 0):
        copy(scene.before, folder)
        ended = build(folder, disk, *step.fault("signal=KILL"))
        assert ended.returncode == -9, (step, ended.stderr)
        lost += disk.lose_unsynced() if power == "goes" else 0

        left = look(folder)
        told = "built generation=" in ended.stderr
        assert left.bodies in ((scene.first.bodies,) if not told else ()) or left.generation == scene.second.generation, step
        again = build(folder)
        assert again.returncode == 0, (step, again.stderr)
        recovered = look(folder)
        if left.generation == scene.second.generation:
            assert recovered.bodies == left.bodies, step
        check_nothing_anew(scene, left, recovered)
    assert lost > 0 or power == "stays"


def check_nothing_anew(scene: Scene, left: Look, recovered: Look) -> None:
    """The second edition has what it always has, under the ids and dates that anybody has seen."""
    assert recovered.generation == scene.second.generation
    assert recovered.bodies.keys() == scene.second.bodies.keys()
    assert recovered.dates.keys() == scene.second.dates.keys()
    for title, (id, published) in recovered.dates.items():
        assert id == scene.second.dates[title][0]
        for seen in (scene.first.dates, left.dates):
            assert seen.get(title, (id, published)) == (id, published)


def test_there_is_no_step_after_the_last(scene: Scene, tmp_path: Path) -> None:
    folder = copy(scene.before, tmp_path / "newsroom")
    disk = Disk(folder / "var/feedsvc.db", tmp_path / "trace")
    counted = {step.call: step.number for step in scene.steps}
    faults = [word for call, number in counted.items() for word in Step(call, number + 4).fault("signal=KILL")]
    assert build(folder, disk, *faults).returncode == 0


# ---- the builder of a service whose web worker goes on


def builder(store: Store) -> int:
    """The process that builds now."""
    return until(lambda: (found := current_holder(store)) and not found.dead and found.pid)


def read_until(service: Service, old: str, new: str) -> None:
    """Reads until every feed has the new title; each has one of the two all the time, and never the old after the new."""
    changed: set[str] = set()

    def turned() -> bool:
        for path in FEEDS:
            text = served(service, path)
            assert (old in text) != (new in text), (path, old, new)
            assert new in text or path not in changed, f"{path} went back"
            if new in text:
                changed.add(path)
        return len(changed) == len(FEEDS)

    until(turned)


def test_readers_notice_nothing_of_a_builder_killed_at_any_step(serve: Callable[..., Service], tmp_path: Path) -> None:
    lay_out(tmp_path)
    disk = Disk(tmp_path / "var/feedsvc.db", tmp_path / "trace")
    service = serve("--interval", "3600").start()
    store = Store(f"sqlite:///{tmp_path}/var/feedsvc.db")
    first = entries(service)
    titles = ["Ferry runs later", "Ferry 1."]
    with disk.attached(builder(store)):
        edit(tmp_path, titles[-1])
        read_until(service, *titles)
    for number, step in enumerate(sample(disk.steps(), 3), 2):
        pid = builder(store)
        with disk.attached(pid, *step.fault("signal=KILL")) as traced:
            while traced():  # for a build may have fewer steps than the one whose steps were counted
                titles.append(f"Ferry {number}.{len(titles)}.")
                edit(tmp_path, titles[-1])
                until(lambda: not traced() or titles[-1] in served(service, FEEDS[0]))
                if traced():
                    read_until(service, *titles[-2:])
        read_until(service, *titles[-2:])
        assert builder(store) != pid
        assert {key: one[1:] for key, one in entries(service).items()} == {key: one[1:] for key, one in first.items()}
        if number % 3 == 0:  # or its supervisor would wait longer and longer
            assert service.stop() == 0
            service.start()
    store.close()
