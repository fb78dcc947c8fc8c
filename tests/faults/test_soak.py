"""A long life: whatever the newsroom does and whoever is killed, readers get whole documents, in order and in time.

`FEEDSVC_TEST_LONG=1` makes it ten minutes.
"""

from __future__ import annotations

from collections.abc import Callable

from faults.soak import levels_of, soak
from support.live import LONG, Service, until

SECONDS, QUIET, GROWTH = (600, 60, 1.1) if LONG else (20, 6, 3.0)  # in so short a time nothing has warmed up
KEPT_MEGABYTES = 60  # by a web worker: 48 MB of documents, and what Python takes to hold them
GRACE = 10 if LONG else 60  # for a machine that does other things, too; how long it took is among the figures


def test_a_soak_finds_nothing_wrong(serve: Callable[..., Service]) -> None:
    service = serve("--interval", "5", workers=2)
    found = soak(service, SECONDS, seed=7, quiet=QUIET, grace=GRACE)
    print(found.told())
    assert not found.faults, found.told()
    assert found.kills["builder"] and found.kills["web worker"]
    for role in found.levels[-1]:
        before, after = found.usual(role)
        kept = found.levels[0][role].megabytes + 2 * KEPT_MEGABYTES if role == "web workers" else 0
        assert after.megabytes <= max(kept, GROWTH * before.megabytes), found.told()
        assert after.files <= GROWTH * before.files, found.told()
    assert service.stop() == 0
    until(lambda: not levels_of(service))  # nobody outlives it
    assert "Traceback" not in service.log
