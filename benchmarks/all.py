"""Every benchmark on one machine, one after another: `python benchmarks/all.py --folder /var/tmp/corpus --write`.

`--quick` takes smaller sizes and single rounds, and less than ten minutes: it says whether all is as it was, and no more. What
several machines cost needs PostgreSQL and root, and is measured by `machines.py` and `machine_costs.py`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ON_A_CORPUS = ("build", "freshness", "stall", "memory", "growth", "attacks")

FULL: tuple[tuple[str, ...], ...] = (
    ("build",),
    ("freshness",),
    ("reading",),
    ("delivery",),
    ("stall",),
    ("memory",),
    ("growth",),
    ("pictures",),
    ("page_weight",),
    ("attacks",),
    ("attacks", "--nginx"),
)
QUICK: tuple[tuple[str, ...], ...] = (
    ("build", "--articles", "10000", "--rounds", "1", "--saves", "5", "--without-slow"),
    ("freshness", "--articles", "10000", "--rounds", "1", "--saves", "5"),
    ("reading", "--articles", "500"),
    ("delivery", "--rounds", "1", "--seconds", "1"),
    ("stall", "--articles", "2000", "--rounds", "2"),
    ("memory", "--builds", "40", "--seconds", "2"),
    ("growth", "--articles", "1000", "--topics", "10", "--feeds", "10", "--saves", "3"),
    ("pictures", "--pictures", "40"),
    ("attacks", "--seconds", "2"),
)


def main() -> None:
    """Runs them; the exit code is 1 if one has failed, and the others are run nevertheless."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--folder", type=Path, help="keeps the corpus there for the next run (default: temporary folders)")
    flags.add_argument("--write", action="store_true", help="puts the results into docs/performance.md")
    flags.add_argument("--quick", action="store_true", help="less than ten minutes in all")
    options = flags.parse_args()
    failed = []
    for name, *words in QUICK if options.quick else FULL:
        kept = ["--folder", str(options.folder)] if options.folder and name in ON_A_CORPUS else []
        written = ["--write"] if options.write and name != "reading" else []
        print(f"\n{name} {' '.join(words)}", flush=True)
        begun = time.monotonic()
        if subprocess.run([sys.executable, str(HERE / f"{name}.py"), *words, *kept, *written]).returncode:
            failed.append(name)
        print(f"  {time.monotonic() - begun:.0f} s", flush=True)
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
