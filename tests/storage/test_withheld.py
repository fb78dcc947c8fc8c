"""What only the newsroom is told, on every backend that the test run has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from feedsvc.errors import Fault
from feedsvc.kinds import Kind
from feedsvc.model.packing import packed
from feedsvc.model.publication import File, Publication, Quarantined
from feedsvc.model.record import State
from feedsvc.storage.lease import Lease
from feedsvc.storage.store import Store
from support.newsroom import FULL
from support.records import NOW, record

BAD = Fault("bad.md", 3, "is bad")
RECORDS = (
    record("live"),
    record("draft", state=State.DRAFT),
    record("later", published=NOW + timedelta(hours=1)),
    record("gone", state=State.REMOVED),
    record("again", state=State.DRAFT, slug="live"),
)


@pytest.fixture
def publish(store: Store) -> Iterator[object]:
    lease = Lease(store)
    assert lease.acquire(0)
    yield lambda **changes: store.publish(Publication(**changes), holder=lease.holder, fence=lease.fence)
    lease.release()


@pytest.fixture
def known(store: Store, publish: object) -> Store:
    """A database of five articles, a file with a fault for one of them and one for none, and what previews need."""
    assert callable(publish)
    publish(
        records={one.id: one for one in RECORDS},
        articles={one.id: FULL for one in RECORDS},
        packed={one.id: packed(FULL) for one in RECORDS},
        live={"live": True},
        files={
            "bad.md": File("bad.md", "1", None, (BAD, Fault.warn(Kind.NO_DATE, "bad.md", 0, "no date"))),
            "live.md": File("live.md", "1", "live", (Fault("live.md", 0, "is broken"),)),
            "draft.md": File("draft.md", "1", "draft", (Fault.warn(Kind.NO_DATE, "draft.md", 0, "no date"),)),
        },
        quarantined={"bad.md": Quarantined("1", b"\xff\x00words"), "live.md": Quarantined("2", b"")},
        held_files={"a.pdf": ("application/pdf", b"\x00pdf"), "b.pdf": ("application/pdf", b"b")},
    )
    return store


def test_what_is_there_and_not_live_is_withheld(known: Store) -> None:
    assert sorted(one.id for one in known.withheld()) == ["again", "draft", "later"]


def test_an_article_is_found_by_its_slug_or_id_and_one_that_is_not_live_first(known: Store) -> None:
    found = [known.article_called("live"), known.article_called("draft"), known.article_with("live")]
    assert [(one[0].id, one[2]) for one in found if one] == [("again", False), ("draft", False), ("live", True)]
    assert all(one and one[1] == FULL for one in found)
    for nothing in ("gone", "never", "", "a\0b", "\udc80"):
        assert known.article_called(nothing) is None and known.article_with(nothing) is None


def test_files_in_quarantine_come_with_their_faults_and_article(known: Store) -> None:
    bad, live = known.quarantine()
    assert (bad.path, bad.faults, bad.record, bad.live) == ("bad.md", (BAD,), None, False)
    assert live.path == "live.md" and live.record == RECORDS[0] and live.live
    assert known.quarantined_marks() == {"bad.md": "1", "live.md": "2"}
    assert known.quarantined(["bad.md", "live.md", "other.md"]) == {"bad.md": b"\xff\x00words", "live.md": b""}
    ids = [known.file_id(path) for path in ("bad.md", "live.md", "draft.md", "other.md", "a\0.md")]
    assert ids == ["", "live", "draft", None, None]


def test_what_is_held_is_given_back_and_forgotten(known: Store, publish: object) -> None:
    assert known.all_held_files() == known.held_files(["a.pdf", "b.pdf", "c.pdf"]) == {"a.pdf", "b.pdf"}
    assert known.held_file("a.pdf") == ("application/pdf", b"\x00pdf")
    assert callable(publish)
    changed = {"bad.md": None, "live.md": Quarantined("3", b"new")}
    publish(quarantined=changed, held_files={"a.pdf": None, "b.pdf": ("x/y", b"c")})
    assert known.quarantined_marks() == {"live.md": "3"} and known.quarantined(["live.md"]) == {"live.md": b"new"}
    assert known.held_file("a.pdf") is None and known.held_file("b.pdf") == ("x/y", b"c")
    assert known.held_file("a\0") is None
