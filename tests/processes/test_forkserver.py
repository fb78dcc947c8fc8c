"""Fork servers: what `processes/forkserver.py` takes of multiprocessing that is not documented, each part tried for itself."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from feedsvc.errors import UsageError
from feedsvc.processes.forkserver import ForkServer
from support.live import parent_of

SLOW = 60


@pytest.fixture(params=["of its own", "a fork of another"])
def source(request: pytest.FixtureRequest) -> Iterator[ForkServer]:
    base = ForkServer("sched") if request.param == "a fork of another" else None
    made = ForkServer("pyclbr", base=base)  # a module that nothing else imports
    yield made
    made.end()
    if base:
        base.end()


def tell(path: str) -> None:
    """Writes down whose fork this process is, and whether its module was there from the beginning."""
    Path(path).write_text(f"{os.getppid()} {'pyclbr' in sys.modules}")


def tell_through_another(address: str, path: str) -> None:
    """Has another fork of the same source tell."""
    process = ForkServer.at(address).fork(tell, (path,))
    process.join(SLOW)


def told(path: Path) -> tuple[int, bool]:
    parent, imported = path.read_text().split()
    return int(parent), imported == "True"


def told_by(source: ForkServer, path: Path) -> tuple[int, bool]:
    process = source.fork(tell, (str(path),))
    process.join(SLOW)
    assert process.exitcode == 0
    return told(path)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SLOW
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.01)


def runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_all_forks_come_from_one_process_which_has_imported_the_modules(source: ForkServer, tmp_path: Path) -> None:
    first, second = told_by(source, tmp_path / "1"), told_by(source, tmp_path / "2")
    assert first == second and first[0] != os.getpid() and first[1]


def test_a_call_returns_or_raises_what_it_does_in_a_fork(source: ForkServer) -> None:
    assert source.call(divmod, (7, 2)) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        source.call(divmod, (7, 0))
    with pytest.raises(UsageError, match="ended as it started"):
        source.call(os._exit, (1,))


def test_what_was_imported_is_taken_out_of_garbage_collection(source: ForkServer) -> None:
    assert source.call(gc.get_freeze_count) > 1_000


def test_each_server_has_its_own_forks_whichever_thread_asks(source: ForkServer, tmp_path: Path) -> None:
    other = ForkServer()
    found: dict[str, set[tuple[int, bool]]] = {"source": set(), "other": set()}

    def ask(name: str, server: ForkServer, thread: int) -> None:
        for number in range(3):
            found[name].add(told_by(server, tmp_path / f"{name}-{thread}-{number}"))

    threads = [
        threading.Thread(target=ask, args=(name, server, thread), daemon=True)
        for thread in range(2)
        for name, server in (("source", source), ("other", other))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SLOW)
    other.end()
    ((one, imported),), ((two, not_imported),) = found["source"], found["other"]
    assert one != two and imported and not not_imported


def test_a_fork_has_others_come_from_the_same_source(source: ForkServer, tmp_path: Path) -> None:
    process = source.fork(tell_through_another, (source.address, str(tmp_path / "told")))
    process.join(SLOW)
    assert process.exitcode == 0
    assert told(tmp_path / "told") == told_by(source, tmp_path / "again")


def test_an_exit_code_comes_back(source: ForkServer) -> None:
    process = source.fork(os._exit, (7,))
    process.join(SLOW)
    assert process.exitcode == 7


def test_a_fork_of_another_has_what_that_has_imported(tmp_path: Path) -> None:
    base = ForkServer("pyclbr")
    source, path = ForkServer("sched", base=base), tmp_path / "told"
    assert told_by(source, path)[1]
    assert told(path)[0] != told_by(base, path)[0]
    frozen = base.call(gc.get_freeze_count)
    assert frozen < source.call(gc.get_freeze_count)
    source.end()
    base.end()


def test_one_that_was_killed_begins_again(source: ForkServer, tmp_path: Path) -> None:
    first, _ = told_by(source, tmp_path / "1")
    os.kill(first, signal.SIGKILL)
    until(lambda: not runs(first))
    second, imported = told_by(source, tmp_path / "2")
    assert second != first and imported


def test_one_of_whose_end_nobody_has_heard_begins_again(tmp_path: Path) -> None:
    base = ForkServer()
    source = ForkServer(base=base)
    first, _ = told_by(source, tmp_path / "1")
    busy = parent_of(first)
    assert busy is not None
    os.kill(busy, signal.SIGSTOP)
    os.kill(first, signal.SIGKILL)
    until(lambda: not runs(first))
    later = threading.Timer(0.2, os.kill, (busy, signal.SIGCONT))
    later.start()
    assert told_by(source, tmp_path / "2")[0] != first
    later.join(SLOW)
    source.end()
    base.end()


@pytest.mark.parametrize("based", [False, True])
def test_it_ends_when_its_forks_have(tmp_path: Path, based: bool) -> None:
    base = ForkServer() if based else None
    source = ForkServer(base=base)
    parent, _ = told_by(source, tmp_path / "told")
    last = source.fork(time.sleep, (SLOW,))
    source.end()
    assert runs(parent) and last.is_alive()
    last.kill()
    until(lambda: not runs(parent))
    if base:
        base.end()


def test_a_process_does_not_wait_in_the_end_for_its_fork_servers() -> None:
    code = """
        from feedsvc.processes.forkserver import ForkServer

        base = ForkServer()
        process = ForkServer("pyclbr", base=base).fork(print, ("told",))
        process.join()
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], timeout=SLOW, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "told\n", "")


def test_a_plain_copy_of_a_process_begins_one_of_its_own() -> None:
    code = """
        import os, sys
        from pathlib import Path
        from feedsvc.processes.forkserver import ForkServer

        source = ForkServer()
        source.begin()
        mine = source.address
        copy = os.fork()
        if copy == 0:
            process = source.fork(os._exit, (7,))
            process.join()
            os._exit(process.exitcode if source.address != mine else 1)
        _, status = os.waitpid(copy, 0)
        sys.exit(os.waitstatus_to_exitcode(status))
    """
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)], timeout=SLOW).returncode == 7


MODULES = {"whole": "", "half": "def half(:\n", "raises": "1 / 0\n", "stuck": "import time; time.sleep(99)\n"}


@pytest.mark.parametrize("name", MODULES)
def test_whether_its_modules_can_be_imported_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    text = MODULES[name]
    (tmp_path / f"feedsvc_test_{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    source = ForkServer(f"feedsvc_test_{name}")
    assert source.sound(2 if name == "stuck" else SLOW) is (name == "whole")
    source.end()


def test_a_fork_does_not_import_what_its_service_was_begun_with(tmp_path: Path) -> None:
    (tmp_path / "begun_with.py").write_text(
        textwrap.dedent("""
            import os

            print("imported", flush=True)

            def main():
                from feedsvc.processes.forkserver import ForkServer, forget_main_module

                forget_main_module()
                process = ForkServer().fork(os._exit, (7,))
                process.join()
                raise SystemExit(process.exitcode)

            if __name__ == "__main__":
                main()
        """)
    )
    for words in (["begun_with.py"], ["-m", "begun_with"]):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, *words]
        ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=SLOW)
        assert (ended.returncode, ended.stdout) == (7, "imported\n"), ended.stderr
