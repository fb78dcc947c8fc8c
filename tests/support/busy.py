"""Runs tests again and again beside busy loops: `python tests/support/busy.py [--times 20] [--loops 3] -m clock tests/faults`.

What is no option of its own is handed to pytest. Tells how often they passed, and fails where that is not each time.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

LOOP = (sys.executable, "-c", "while True: pass")


def main() -> int:
    """Runs the tests that the command line names; 0 where they passed each time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--loops", type=int, default=3)
    options, words = parser.parse_known_args()
    loops = [subprocess.Popen(LOOP, start_new_session=True) for _ in range(options.loops)]
    passed = 0
    try:
        for number in range(1, options.times + 1):
            began = time.monotonic()
            ended = subprocess.run([sys.executable, "-m", "pytest", *words])
            passed += not ended.returncode
            print(f"{passed} of {number} passed; {time.monotonic() - began:.0f} s", flush=True)
    finally:
        for loop in loops:
            loop.kill()
    return int(passed < options.times)


if __name__ == "__main__":
    sys.exit(main())
