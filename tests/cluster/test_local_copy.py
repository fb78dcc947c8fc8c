"""A machine's copy of what is published: it follows the database, and nothing stays in it that readers may not see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feedsvc.errors import StoreError
from feedsvc.formats.render import encode
from feedsvc.model.document import Document
from feedsvc.model.publication import Publication
from feedsvc.storage.facts import PROBLEM, PUBLIC_URL
from feedsvc.storage.lease import Lease
from feedsvc.storage.local_copy import CopyFailed, LocalCopy
from feedsvc.storage.store import Store

MOMENT = datetime(2026, 5, 21, 9, tzinfo=UTC)
SECRET = b"words that were withdrawn"


def document(path: str, body: bytes = b"bytes") -> Document:
    """One whose bytes are stored as they are, so that a test can look for them."""
    return Document(path=path, encodings=encode(body, "image/webp"), content_type="image/webp", last_modified=MOMENT)


@pytest.fixture
def lease(seen: Store) -> Iterator[Lease]:
    made = Lease(seen)
    assert made.acquire(0)
    yield made
    made.release()


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[LocalCopy]:
    made = LocalCopy(tmp_path / "var/copy.db")
    yield made
    made.store.close()


def publish(store: Store, lease: Lease, *documents: Document, **given: Any) -> int:
    publication = Publication(documents=list(documents), **given)
    PUBLIC_URL.write(publication.facts, "https://feeds.example")
    return store.publish(publication, holder=lease.holder, fence=lease.fence)


def on_disk(copy: LocalCopy) -> bytes:
    return b"".join(file.read_bytes() for file in copy.path.parent.iterdir())


def test_it_has_what_is_published_and_only_that(seen: Store, lease: Lease, copy: LocalCopy) -> None:
    copy.take(seen)
    assert copy.store.generation() == 0
    publish(seen, lease, document("/a", SECRET), document("/b"))
    copy.take(seen)
    assert copy.store.paths() == ["/a", "/b"] and copy.store.generation() == 1
    assert copy.store.document("/a") == seen.document("/a")
    assert SECRET in on_disk(copy)
    publish(seen, lease, document("/b", b"new"), hidden={"/a"})  # its bytes stay in the database, for who may preview them
    copy.take(seen)
    assert copy.store.paths() == ["/b"] and copy.store.document("/b") == seen.document("/b")
    assert copy.store.changed_since(1, {"/a", "/b"}) == (2, [("/a", None), ("/b", seen.document("/b"))])
    assert SECRET not in on_disk(copy)
    publish(seen, lease, void={"/b"})
    publish(seen, lease, document("/c"))
    copy.take(seen)
    assert copy.store.paths() == ["/c"] and copy.store.generation() == 4


def test_it_knows_that_there_is_a_problem_and_not_its_words(seen: Store, lease: Lease, copy: LocalCopy) -> None:
    publish(seen, lease, document("/a"))
    seen.set_fact(PROBLEM, SECRET.decode())
    copy.take(seen)
    assert copy.store.fact(PROBLEM) and SECRET not in on_disk(copy)
    seen.set_fact(PROBLEM, "")
    copy.take(seen)
    assert not copy.store.fact(PROBLEM)


def test_it_begins_anew_where_the_database_is_another_or_has_gone_back(seen: Store, lease: Lease, copy: LocalCopy) -> None:
    publish(seen, lease, document("/a"))
    before = seen.facts()
    publish(seen, lease, document("/lost"))
    copy.take(seen)
    assert copy.store.paths() == ["/a", "/lost"]
    with seen.writing() as connection:
        seen.put_facts(connection, before)
        connection.exec_driver_sql("DELETE FROM documents WHERE path = '/lost'")
    publish(seen, lease, document("/found"))
    copy.take(seen)
    assert copy.store.generation() == 2 and copy.store.paths() == ["/a", "/found"]


def test_an_empty_database_does_not_take_the_last_edition_away(seen: Store, lease: Lease, copy: LocalCopy) -> None:
    publish(seen, lease, document("/a"))
    copy.take(seen)
    with seen.writing() as connection:
        connection.exec_driver_sql("DELETE FROM documents")
        connection.exec_driver_sql("DELETE FROM facts WHERE name <> 'schema'")
    copy.take(seen)
    assert copy.store.paths() == ["/a"] and copy.store.generation() == 1


def test_a_damaged_one_is_made_anew(seen: Store, lease: Lease, copy: LocalCopy) -> None:
    publish(seen, lease, document("/a"))
    copy.take(seen)
    with copy.store.writing() as connection:
        connection.exec_driver_sql("UPDATE documents SET identity = x'00'")
    with pytest.raises(StoreError, match="damaged"):
        copy.store.document("/a")
    with pytest.raises(CopyFailed, match="made anew"):
        copy.take(seen)
    copy.take(seen)
    assert copy.store.document("/a") == seen.document("/a")


def test_one_that_is_no_database_is_made_anew_when_it_is_opened(tmp_path: Path, seen: Store, lease: Lease) -> None:
    file = tmp_path / "copy.db"
    file.write_bytes(b"no database" * 1_000)
    publish(seen, lease, document("/a"))
    copy = LocalCopy(file)
    copy.take(seen)
    assert copy.store.paths() == ["/a"]
    copy.store.close()


def test_one_process_of_a_machine_keeps_it_and_another_follows(copy: LocalCopy, tmp_path: Path) -> None:
    other = LocalCopy(copy.path)
    with copy.keeping() as first, other.keeping() as second:
        assert first and not second
        with copy.contact.asking():
            assert not other.contact.lost and other.contact._due
        assert other.contact._due is None
    with other.keeping() as taken:
        assert taken
    other.store.close()


def test_where_there_can_be_none_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can't be made: file exists"):
        LocalCopy(tmp_path / "file/copy.db")
