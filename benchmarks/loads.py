"""What the benchmarks of requests share: a server's own process on a core of its own, and wrk's load from another core."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench import TICKS, tree

CONNECTIONS = 64
START_SECONDS = 60
WARMING = 500
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}

# Each request is another reader's: its head has never been seen, or long ago.
VARIED = """
local requests, turn = {}, 0
init = function()
  for number = 1, 10000 do
    requests[number] = wrk.format("GET", nil, {["User-Agent"] = "reader/" .. number, ["Accept-Encoding"] = "gzip"})
  end
end
request = function()
  turn = turn % #requests + 1
  return requests[turn]
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw in one round: requests a second, milliseconds, and microseconds of processor time for each."""

    rate: float
    p50: float
    p99: float
    cpu: float


# Readers who come by now and then, some thousands a second, which leaves processor time for others.
PACED = "function delay() return math.random(0, 20) end"


def load(pid: int, port: int, path: str, seconds: int, work: Path, *, tag: str | None = None, script: str = "") -> Load:
    """One round of load from the last core, for a process that answers on a port; exits where an answer is an error."""
    command = ["taskset", "-c", str(max(os.sched_getaffinity(0))), "wrk", "--threads", "1", "--connections", str(CONNECTIONS)]
    command += ["--duration", f"{seconds}s", "--timeout", "60s", "--latency", "--header", "Accept-Encoding: gzip"]
    if tag:
        command += ["--header", f"If-None-Match: {tag}"]
    if script:
        (work / "load.lua").write_text(script, "utf-8")
        command += ["--script", str(work / "load.lua")]
    before = cpu(pid)
    said = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, timeout=seconds + 90)
    taken = cpu(pid) - before
    found = {name: re.search(pattern, said.stdout) for name, pattern in _PATTERNS.items()}
    if said.returncode or "Non-2xx" in said.stdout or "Socket errors" in said.stdout or not all(found.values()):
        raise SystemExit(f"wrk on port {port}: {said.stdout}{said.stderr}")
    number, rate = int(_group(found["number"])), float(_group(found["rate"]))
    return Load(rate, _milliseconds(_group(found["p50"])), _milliseconds(_group(found["p99"])), taken / number * 1e6)


_PATTERNS = {
    "number": r"(\d+) requests in",
    "rate": r"Requests/sec:\s+([\d.]+)",
    "p50": r"50%\s+([\d.]+[a-z]+)",
    "p99": r"99%\s+([\d.]+[a-z]+)",
}


def _group(found: re.Match[str] | None) -> str:
    return found[1] if found else ""


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)([a-z]+)", text).groups()  # type: ignore[union-attr]
    return float(number) * _UNITS[unit]


def ask(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """A response's status, headers and body, asked for in gzip; a header is named as in `If_None_Match`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers={"Accept-Encoding": "gzip", **named})
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


def answering(process: subprocess.Popen[bytes], port: int, path: str) -> int:
    """The process that answers on a port, a command's own or one that it began; waits until it does."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError):
            if ask(port, path)[0] == 200:
                before = {pid: cpu(pid) for pid in tree(process.pid) if _listens(pid, port)}
                for _ in range(WARMING if len(before) > 1 else 0):
                    ask(port, path)
                return max(before, key=lambda pid: cpu(pid) - before[pid])
        time.sleep(0.05)
    raise SystemExit(f"{process.args!r} does not answer {path}")


def _listens(pid: int, port: int) -> bool:
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    listening = [fields for fields in map(str.split, lines) if fields[1].endswith(f":{port:04X}") and fields[3] == "0A"]
    sockets = {f"socket:[{fields[9]}]" for fields in listening}
    with suppress(OSError):
        return any(os.readlink(file) in sockets for file in Path(f"/proc/{pid}/fd").iterdir())
    return False


def pin(pid: int) -> int:
    """Puts a process with all its threads on the first core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {min(os.sched_getaffinity(0))})
    return pid


def cpu(pid: int) -> float:
    """The seconds of processor time that one process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
