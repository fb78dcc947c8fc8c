"""What an older main process begins the processes of this release by, which is in its memory and can't be changed there."""

from __future__ import annotations

import inspect
import pickle
from importlib import import_module

import pytest

from feedsvc.processes.counters import RequestCounters
from feedsvc.processes.notices import Notices

PARAMETERS = {
    "check": ["given", "awaited"],
    "serve_for_ever": ["given", "sockets", "counters", "row", "notices", "others_serve"],
    "build_for_ever": ["given", "notices", "source"],
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_entry_points_stay_where_they_are_and_are_given_the_same(name: str) -> None:
    function = getattr(import_module("feedsvc.supervisor.entry_points"), name)
    assert list(inspect.signature(function).parameters) == PARAMETERS[name]


@pytest.mark.parametrize("module", ["feedsvc.server.worker", "feedsvc.builder.process"])
def test_what_fork_servers_import_ahead_stays_where_it_is(module: str) -> None:
    assert import_module(module)


@pytest.mark.parametrize("shared", [Notices, RequestCounters])
def test_what_all_processes_share_is_pickled_by_a_name_that_stays(shared: type) -> None:
    where = {Notices: "feedsvc.processes.notices", RequestCounters: "feedsvc.processes.counters"}
    assert (shared.__module__, shared.__qualname__) == (where[shared], shared.__name__)
    assert pickle.loads(pickle.dumps(shared)) is shared  # noqa: S301
