"""Counting answers: the sum over all web workers, dead ones included, never goes back."""

from __future__ import annotations

import multiprocessing

from feedsvc.processes.counters import BODIES, RequestCounters
from support.live import SLOW


def answer(counters: RequestCounters, worker: int, times: int) -> None:
    counts = counters.of(worker)
    for _ in range(times):
        counts[200] += 1
        counts[BODIES] += 5_000_000_000


def test_workers_count_together_and_who_follows_a_dead_one_goes_on() -> None:
    counters = RequestCounters(3)
    assert counters.totals() == {}
    context = multiprocessing.get_context("forkserver")
    for begun in ([(0, 3), (1, 4)], [(0, 5)]):
        workers = [context.Process(target=answer, args=(counters, *one)) for one in begun]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(SLOW)
    counters.of(2)[404] += 1
    assert counters.totals() == {BODIES: 60_000_000_000, 200: 12, 404: 1}
    assert counters.of(1)[200] == 4
