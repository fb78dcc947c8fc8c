"""What the benchmarks share: the machine's description, medians and spread, commands that are measured, a service of ours, results.

Whatever is started here is in a process group of its own and ends with the benchmark, at Ctrl-C and SIGTERM too.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from corpus import TOPICS, write_corpus

RESULTS = Path(__file__).parent.parent / "docs" / "performance.md"
FEEDSVC = (sys.executable, "-m", "feedsvc.cli")
# Documents are served under the public URL alone for which they were built, so a build and a service must agree on it.
PUBLIC_URL = "https://feeds.example"
END_SECONDS = 15
SAMPLE_SECONDS = 0.05
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
TICKS = os.sysconf("SC_CLK_TCK")


# ---- figures


@dataclass(frozen=True, slots=True)
class Figures:
    """What several rounds gave; formatted with a number's format it is their median and their spread: `5.1 (4.9–5.6)`."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    def part(self, of_hundred: float) -> float:
        """The smallest value that so many of a hundred do not pass."""
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, int(len(ordered) * of_hundred / 100))]

    def __format__(self, spec: str) -> str:
        low, high = min(self.values), max(self.values)
        return f"{self.median:{spec}} ({low:{spec}}–{high:{spec}})" if len(self.values) > 1 else f"{self.median:{spec}}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that is readable as it stands: the first column is text, the others are figures."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    dashes = ["-" * width if column == 0 else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    lines = (head, dashes, *rows)
    return "".join(f"| {' | '.join(_aligned(line, widths))} |\n" for line in lines)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [f"{cell:<{widths[0]}}" if column == 0 else f"{cell:>{widths[column]}}" for column, cell in enumerate(cells)]


def machine(*packages: str, **versions: str) -> str:
    """What the figures were taken on: processor, memory, Python, and the versions of packages and of other programs."""
    processor = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [processor[1] if processor else platform.machine(), f"{os.cpu_count()} cores", f"{memory:.0f} GB"]
    parts += [f"Linux {platform.release().split('-')[0]}", f"Python {platform.python_version()}"]
    parts += [f"{package} {version(package)}" for package in ("feedsvc", *packages)]
    parts += [f"{name} {number}" for name, number in versions.items()]
    return ", ".join(parts)


# ---- commands


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command took: seconds by the clock and of processor time, and the most memory in bytes (see `memory_of`).

    `first` is when it had made what it was asked for, before its end.
    """

    wall: float
    cpu: float
    peak: int
    first: float


def measured(command: Sequence[str], folder: Path, limit: float = 3600, made: Callable[[], bool] = bool) -> Usage:
    """Runs a command in a folder to its end, and says what it and all that it began took; exits where it fails.

    Memory is looked at every 50 ms, and less often where a look takes long, so that it never costs more than a tenth, and so is
    whether what is wanted has been `made`. Processes that outlive the command, as the forks of a fork server do for a moment,
    become ours, so that their processor time is counted too.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise SystemExit(os.strerror(ctypes.get_errno()))
    peak, first = 0, 0.0
    over = threading.Event()

    def sample(pid: int) -> None:
        nonlocal peak, first
        pause = 0.0
        while not over.wait(pause):
            looked = time.perf_counter()
            peak = max(peak, memory_of(pid))
            if not first and made():
                first = time.perf_counter() - begun
            pause = max(SAMPLE_SECONDS, 10 * (time.perf_counter() - looked))

    with started(command, folder) as process:
        begun = time.perf_counter()
        sampler = threading.Thread(target=sample, args=(process.pid,), daemon=True)
        sampler.start()
        timer = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - begun
            cpu = usage.ru_utime + usage.ru_stime
            process.returncode = os.waitstatus_to_exitcode(status)
            with suppress(ChildProcessError):
                while True:
                    _, _, usage = os.wait4(-process.pid, 0)
                    cpu += usage.ru_utime + usage.ru_stime
        finally:
            timer.cancel()
            over.set()
            sampler.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}\n{_log(folder).read_text()[-2000:]}")
    return Usage(wall, cpu, peak, first or wall)


@contextmanager
def started(command: Sequence[str], folder: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that works in a folder, writes its words into `log` there, and ends with this block."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("FEEDSVC_")}
    with _log(folder).open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**clean, "PYTHONUNBUFFERED": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _log(folder: Path) -> Path:
    return folder / "log"


def tree(pid: int) -> list[int]:
    """A process and all that it and they have begun, while they come and go."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            for thread in list(Path(f"/proc/{one}/task").iterdir()):
                with suppress(OSError):
                    found += [int(child) for child in (thread / "children").read_text().split()]
    return found


def memory_of(pid: int) -> int:
    """The bytes of memory that a process and its offspring hold: the sum of their PSS, in which shared pages count once."""
    total = 0
    for one in tree(pid):
        with suppress(OSError):
            pss = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{one}/smaps_rollup").read_text(), re.MULTILINE)
            total += int(pss[1]) * 1024 if pss else 0
    return total


def cpu_of(pid: int) -> float:
    """The seconds of processor time that a process and its offspring that still lives have taken."""
    total = 0
    for one in tree(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / TICKS


# ---- a service


@dataclass(frozen=True, slots=True)
class Service:
    """A running feedsvc: its process, and its port on this machine's loopback."""

    process: subprocess.Popen[bytes]
    port: int


def build(articles: Path, folder: Path, made: Callable[[], bool] = bool) -> Usage:
    """What `feedsvc build` of a folder of articles takes, with its database in another folder."""
    return measured([*FEEDSVC, "build", *_places(articles, folder)], folder, made=made)


@contextmanager
def service(articles: Path, folder: Path, *words: str, workers: int = 1, wait: bool = True) -> Iterator[Service]:
    """A feedsvc that serves a folder of articles, with its database in another folder; `wait`s until it answers there."""
    port = free_port()
    command = [*FEEDSVC, "serve", *_places(articles, folder), "--port", str(port), "--workers", str(workers), *words]
    with started(command, folder) as process:
        while wait and f"http://127.0.0.1:{port}" not in _log(folder).read_text():
            if process.poll() is not None:
                raise SystemExit(f"the service has ended:\n{_log(folder).read_text()}")
            time.sleep(0.005)
        yield Service(process, port)


def database(folder: Path) -> str:
    """The database in a folder."""
    return f"sqlite:///{folder}/feedsvc.db"


def _places(articles: Path, folder: Path) -> list[str]:
    return ["--articles", str(articles), "--database", database(folder), "--public-url", PUBLIC_URL]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# ---- a benchmark from its command line to its results


def parser(description: str | None) -> argparse.ArgumentParser:
    """The flags that every benchmark has."""
    flags = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--rounds", type=int, default=5, help="how often each is measured, in turn (default 5)")
    flags.add_argument("--folder", type=Path, help="keeps the corpus there for the next run (default: a temporary folder)")
    flags.add_argument("--write", action="store_true", help="puts the results into docs/performance.md")
    return flags


@contextmanager
def workshop(kept: Path | None) -> Iterator[tuple[Path, Path]]:
    """Two folders: one for the corpus, which is kept where one is named, and an empty one for this run's work."""
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda number, _: sys.exit(128 + number))  # so that whatever was begun is ended
    with tempfile.TemporaryDirectory(prefix="feedsvc-") as name:
        corpus, work = (kept.absolute() if kept else Path(name, "corpus")), Path(name, "work")
        corpus.mkdir(parents=True, exist_ok=True)
        work.mkdir()
        yield corpus, work


def articles_folder(corpus: Path, number: int, topics: int = TOPICS) -> Path:
    """A folder with so many articles in so many topics, written when it is not there."""
    name = f"articles-{number}" if topics == TOPICS else f"articles-{number}-in-{topics}"
    folder = corpus / name
    if not folder.exists():
        being_written = corpus / f"{name}.part"
        write_corpus(being_written, number, topics)
        being_written.rename(folder)
    return folder


def report(name: str, texts: Mapping[str, str], where: str, *, write: bool, page: Path | None = None) -> None:
    """Prints a benchmark's results, and where asked to puts them into docs/performance.md or a `page`, between its two marks.

    `texts` are tables by what they are about, in order; `where` is the machine that they were taken on.
    """
    results = page or RESULTS
    about = f"{'One run' if page else 'Medians of one run (least–most)'}, on {where}."
    body = "\n".join([f"{about}\n", *(f"{title}\n\n{text}" for title, text in texts.items())])
    print(f"\n{body}")
    if write:
        page = results.read_text("utf-8")
        marks = re.compile(rf"(<!-- {re.escape(name)}: begin -->\n).*?(<!-- {re.escape(name)}: end -->\n)", re.DOTALL)
        written, times = marks.subn(lambda found: f"{found[1]}\n{body}\n{found[2]}", page)
        if times != 1:
            raise SystemExit(f"{results}: has no place marked for {name}")
        results.write_text(written, "utf-8")
