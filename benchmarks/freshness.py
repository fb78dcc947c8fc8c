"""How long it takes from an article saved to the article served: `python benchmarks/freshness.py --articles 1000`.

A service is started on this machine's loopback with a corpus of its own. Each save writes a new title into one of the newest
articles, and `/feeds/all.rss` is read over one kept connection until it shows it.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from corpus import article, article_path, write_corpus

PATH = "/feeds/all.rss"


def main() -> None:
    """Measures and prints one line a kind of save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1_000)
    parser.add_argument("--saves", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "articles")
        write_corpus(folder, options.articles)
        port = _free_port()
        command = [sys.executable, "-m", "feedsvc.cli", "serve", "--articles", str(folder), "--port", str(port), "--workers", "1"]
        command += ["--database", f"sqlite:///{name}/feedsvc.db"]
        started = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as service:
            try:
                assert service.stdout and service.stdout.readline()  # noqa: S101 - the line that says it is ready
                print(f"articles={options.articles} cold start to first feed: {time.perf_counter() - started:.2f} s")
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                for kind in ("rename", "in place"):
                    _report(kind, [_save(connection, folder, index, kind) for index in range(options.saves)])
            finally:
                service.terminate()


def _save(connection: http.client.HTTPConnection, folder: Path, index: int, kind: str) -> float:
    """Milliseconds from the moment at which the save is done to the end of the first response that shows it."""
    title = f"Saved by {kind} number {index:05}"
    path = article_path(folder, index % 20)
    if kind == "rename":
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_text(article(index % 20, title), "utf-8")
        os.replace(temporary, path)
    else:
        path.write_text(article(index % 20, title), "utf-8")
    saved, wanted = time.perf_counter(), title.encode()
    while time.perf_counter() - saved < 10:
        connection.request("GET", PATH)
        if wanted in connection.getresponse().read():
            taken = (time.perf_counter() - saved) * 1000
            time.sleep(0.1)
            return taken
        time.sleep(0.001)
    raise SystemExit(f"{title}: not served within 10 s")


def _report(kind: str, taken: list[float]) -> None:
    low, *_, high = statistics.quantiles(taken, n=20)
    print(
        f"{kind:9} saves={len(taken)} median={statistics.median(taken):.1f} ms 95th={high:.1f} ms "
        f"5th={low:.1f} ms max={max(taken):.1f} ms"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
