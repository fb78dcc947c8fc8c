"""The database: one contract, kept on every backend that the test run has."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import text

from feedsvc.errors import Fault, LeaseLost
from feedsvc.formats.compression import encode
from feedsvc.model.article import Article
from feedsvc.model.document import Document
from feedsvc.model.packing import packed
from feedsvc.model.publication import File, Publication, PublishedEdition
from feedsvc.model.record import Record, State
from feedsvc.storage.database import CHUNK_ROWS
from feedsvc.storage.facts import BUILT, DIGESTED, MARK, REMOVALS
from feedsvc.storage.lease import Lease
from feedsvc.storage.migration import SCHEMA_VERSION
from feedsvc.storage.published import DocumentHead
from feedsvc.storage.store import Store
from support.live import SLOW
from support.newsroom import FULL, articles

NINE = datetime(2026, 5, 21, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def lease(store: Store) -> Iterator[Lease]:
    made = Lease(store)
    assert made.acquire(0)
    yield made
    made.release()


def publish(store: Store, lease: Lease, **changes: object) -> int:
    changes.setdefault("shown", changes.get("records", {}))  # readers see each article that the tests write down
    return store.publish(Publication(**changes), holder=lease.holder, fence=lease.fence)  # type: ignore[arg-type]


def document(path: str = "/feeds/all.rss", body: bytes = b"<rss/>", **changes: object) -> Document:
    kind = "application/rss+xml; charset=utf-8"
    made = Document(path=path, encodings=encode(body, kind), content_type=kind, last_modified=NINE)
    return replace(made, **changes)  # type: ignore[arg-type]


def record(id: str = "a", **changes: object) -> Record:
    made = Record(
        id=id,
        path=f"{id}.md",
        slug=id,
        title=id.upper(),
        first_seen=NINE,
        published=NINE,
        updated=NINE,
        words="",
        stamp="",
        state=State.STANDING,
        since=NINE,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def whole(*records: Record, article: Article = FULL, live: bool = True) -> dict[str, object]:
    """What a publication says of some articles that were just read."""
    return {
        "records": {one.id: one for one in records},
        "articles": {one.id: article for one in records},
        "packed": {one.id: packed(article) for one in records},
        "live": {one.id: live for one in records},
    }


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables that a build writes."""
    tables = ("facts", "ledger", "addresses", "files", "editions", "documents")
    with store.reading() as connection:
        return {table: sorted(map(tuple, connection.execute(text(f"SELECT * FROM {table}"))), key=repr) for table in tables}  # noqa: S608


# ---- documents


def test_nothing_is_published_at_first(store: Store) -> None:
    assert store.generation() == 0
    assert store.changed_since(0, {"/"}) == (0, [])
    assert store.document("/feeds/all.rss") is None
    assert (store.paths(), store.records(), store.files(), store.editions(), store.live_ids()) == ([], [], {}, {}, set())
    assert store.counts() == {"known": 0, "articles": 0, "documents": 0}
    assert store.faults() == []
    assert store.facts() == {"schema": SCHEMA_VERSION} and store.fact(BUILT) is None


@pytest.mark.parametrize(
    "made",
    [
        document(),
        document(body=b""),
        document(body=bytes(range(256)) * 9),
        document(path="/topics/%C3%A9", links=("<https://feeds.example/>; rel=self",), open=True, max_age=30),
        document(status=301, location="https://feeds.example/feeds/quay.rss"),
        document(status=410),
        document(path="/media/a.png", encodings=encode(b"\x89PNG\0", "image/png"), content_type="image/png"),
    ],
)
def test_a_document_comes_back_as_it_was_published(store: Store, lease: Lease, made: Document) -> None:
    assert publish(store, lease, documents=[made]) == 1 == store.generation()
    assert store.document(made.path) == made
    assert store.changed_since(0, {made.path}) == (1, [(made.path, made)])
    assert store.paths() == [made.path]


def test_what_changed_since_is_newest_first(store: Store, lease: Lease) -> None:
    a, b, a2 = document("/a", b"1"), document("/b", b"1"), document("/a", b"2")
    publish(store, lease, documents=[a])
    publish(store, lease, documents=[b])
    publish(store, lease, documents=[a2])
    assert store.changed_since(0, {"/a", "/b"}) == (3, [("/a", a2), ("/b", b)])
    assert store.changed_since(2, {"/a", "/b"}) == (3, [("/a", a2)])
    assert store.changed_since(3, {"/a", "/b"}) == (3, [])


def test_only_wanted_documents_are_read(store: Store, lease: Lease) -> None:
    publish(store, lease, documents=[document("/a", b"old")])
    publish(store, lease, documents=[newest := document("/b", b"new")])
    assert store.changed_since(0, {"/b"}) == (2, [("/b", newest), ("/a", None)])
    assert store.changed_since(0, ()) == (2, [("/b", None), ("/a", None)])


def test_a_voided_document_is_gone_and_told_of(store: Store, lease: Lease) -> None:
    publish(store, lease, documents=[document("/a"), document("/b")])
    publish(store, lease, void={"/a", "/never"})
    assert store.document("/a") is None and store.document("/b") is not None
    assert store.changed_since(1, {"/a", "/b"}) == (2, [("/a", None)])
    assert store.paths() == ["/b"] and store.counts()["documents"] == 1
    assert not store.heads(["/a"])["/a"].published
    publish(store, lease, void={"/a"})
    assert store.changed_since(2, {"/a", "/b"}) == (3, []), "it was gone already"


def test_a_document_that_is_voided_and_published_is_published(store: Store, lease: Lease) -> None:
    publish(store, lease, documents=[document("/articles/a", b"1")])
    publish(store, lease, documents=[document("/articles/a", b"2")], void={"/articles/a"}, void_below=["/articles/"])
    assert store.document("/articles/a") == document("/articles/a", b"2")


def test_all_below_a_path_can_be_voided(store: Store, lease: Lease) -> None:
    paths = ["/a_b/1", "/a_b/2/3", "/axb/1", "/a_b", "/other"]
    publish(store, lease, documents=[document(path) for path in paths])
    publish(store, lease, void_below=["/a_b/"])
    assert store.paths() == ["/a_b", "/axb/1", "/other"]


def test_more_documents_than_fit_one_statement(store: Store, lease: Lease) -> None:
    paths = [f"/{number:04}" for number in range(CHUNK_ROWS + 5)]
    small = document(body=b"x")
    publish(store, lease, documents=[replace(small, path=path) for path in paths], gone_files=paths, gone_editions=paths)
    assert store.paths() == paths
    assert len(store.heads(paths)) == len(paths) == len(store.changed_since(0, paths)[1])
    publish(store, lease, void=set(paths))
    assert store.paths() == []


def test_heads_are_the_plain_tag_and_the_newest_event(store: Store, lease: Lease) -> None:
    a, b = document("/a", b"1"), document("/b", b"2", last_modified=NINE + SECOND)
    publish(store, lease, documents=[a, b])
    assert store.heads(["/a", "/b", "/c"]) == {
        "/a": DocumentHead(a.etag, a.headers, NINE, published=True),
        "/b": DocumentHead(b.etag, b.headers, NINE + SECOND, published=True),
    }


@pytest.mark.parametrize("path", ["", "/\0", "/feeds/\ud800.rss", "/'; DROP TABLE documents; --", "/%", "/" + "a" * 100_000])
def test_any_path_can_be_asked_for(store: Store, path: str) -> None:
    assert store.document(path) is None
    assert store.find_by_slug(path) is None


# ---- pages kept on request


def test_a_page_is_kept_for_the_generation_it_was_made_from(store: Store, lease: Lease) -> None:
    page = document("/articles/a", b"page")
    store.keep(page, 0)
    assert store.document("/articles/a") is None, "nothing is published yet"
    publish(store, lease, documents=[document()])
    store.keep(page, 1)
    assert store.document("/articles/a") == page
    assert store.generation() == 1


def test_a_page_is_not_kept_past_a_new_generation(store: Store, lease: Lease) -> None:
    publish(store, lease, documents=[document()])
    publish(store, lease, void={"/articles/a"})
    store.keep(document("/articles/a", b"old"), 1)
    assert store.document("/articles/a") is None


def test_a_page_of_the_generation_before_can_not_slip_in_beside_a_new_one(
    store: Store, lease: Lease, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, lease, documents=[document()])
    other = Store(database)
    child = threading.Thread(target=other.keep, args=(document("/articles/a", b"old"), 1), daemon=True)
    publish_documents = store._publish_documents

    def published_while_a_page_is_kept(*args: object) -> None:
        publish_documents(*args)  # type: ignore[arg-type]
        child.start()
        child.join(0.3)  # it waits for us

    monkeypatch.setattr(store, "_publish_documents", published_while_a_page_is_kept)
    publish(store, lease, void={"/articles/a"})
    child.join(SLOW)
    assert not child.is_alive()
    assert store.document("/articles/a") is None
    other.close()


# ---- the ledger


def test_an_article_is_found_by_all_slugs_it_ever_had(store: Store, lease: Lease) -> None:
    first, second = record(slug="first"), record(slug="second")
    publish(store, lease, **whole(first))
    publish(store, lease, **whole(second))
    assert store.find_by_slug("first") == store.find_by_slug("second") == (second, FULL, True)
    assert store.find_by_slug("third") is None


def test_a_slug_belongs_to_the_newest_who_took_it(store: Store, lease: Lease) -> None:
    publish(store, lease, **whole(record("a", slug="x")))
    publish(store, lease, **whole(record("a", slug="y")))
    publish(store, lease, **whole(record("b", slug="x")))
    found = store.find_by_slug("x")
    assert found is not None and found[0].id == "b"


def test_a_removed_article_keeps_its_slug_and_its_text(store: Store, lease: Lease) -> None:
    publish(store, lease, **whole(record()))
    removed = record(state=State.REMOVED, shown=True)
    publish(store, lease, records={"a": removed}, live={"a": False})
    assert store.find_by_slug("a") == (removed, FULL, False)
    assert store.live_ids() == set() and store.counts()["articles"] == 0
    publish(store, lease, **whole(record("b", slug="a")))
    publish(store, lease, records={"a": removed})
    found = store.find_by_slug("a")
    assert found is not None and found[0].id == "b", "a removed one takes no slug back"


def test_a_record_alone_leaves_the_text_and_whether_it_is_live(store: Store, lease: Lease) -> None:
    publish(store, lease, **whole(record()))
    publish(store, lease, records={"a": record(slug="new", story=("ferry", "The ferry"))})
    assert store.find_by_slug("new") == (record(slug="new", story=("ferry", "The ferry")), FULL, True)
    assert store.story("ferry") == [record(slug="new", story=("ferry", "The ferry"))]


def test_a_new_text_is_not_live_until_it_is_said_to_be(store: Store, lease: Lease) -> None:
    publish(store, lease, records={"a": record()}, articles={"a": FULL}, packed={"a": packed(FULL)})
    assert store.live_ids() == set()
    publish(store, lease, live={"a": True, "unknown": True})
    assert store.live_ids() == {"a"}


def test_a_story_is_its_live_records_newest_first(store: Store, lease: Lease) -> None:
    records = [record(id, story=("ferry", "The ferry"), published=NINE + number * SECOND) for number, id in enumerate("bac")]
    publish(store, lease, **whole(*records, replace(records[0], id="aa", slug="aa"), record("z", story=("other", "Other"))))
    publish(store, lease, live={"c": False})
    assert [one.id for one in store.story("ferry")] == ["a", "aa", "b"]
    assert store.story("none") == []


def test_records_and_articles_come_back(store: Store, lease: Lease) -> None:
    full = record(
        "b",
        expires=NINE,
        breaking=True,
        breaking_until=NINE + SECOND,
        topics=(("été", "Été"), ("x", "")),
        story=("ferry", "The ferry"),
        link="https://quay.example/",
        media="dusk.jpg",
        state=State.RETRACTED,
        shown=True,
        published=NINE + timedelta(microseconds=1),
        seen=replace(record("b").last_seen, topics=(("y", "Y"),), story=("quay", "The quay"), link="https://quay.example/b"),
    )
    publish(store, lease, **whole(record(), full))
    assert sorted(store.records(), key=lambda one: one.id) == [record(), full]
    assert store.articles(["a", "b", "c"]) == {"a": FULL, "b": FULL}
    many = [f"id {number}" for number in range(2 * CHUNK_ROWS)]
    assert store.articles([*many, "a"]) == {"a": FULL}


@given(article=articles())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_article_comes_back_as_it_was(store: Store, lease: Lease, article: Article) -> None:
    publish(store, lease, **whole(record(), article=article))
    assert store.articles(["a"]) == {"a": article}


# ---- files, editions, facts


def test_files_and_their_faults(store: Store, lease: Lease) -> None:
    faulty = File("a.md", "1.2.3", None, (Fault("a.md", 3, "is “wrong”"), Fault("a.md", 0, "odd", True)))
    publish(store, lease, files={"a.md": faulty, "été/b.md": File("été/b.md", "", "id")})
    assert store.files() == {"a.md": faulty, "été/b.md": File("été/b.md", "", "id")}
    assert store.faults() == [(fault, False) for fault in faulty.faults]
    publish(store, lease, files={"a.md": replace(faulty, id="a")}, **whole(record()))
    assert store.faults() == [(fault, True) for fault in faulty.faults]
    publish(store, lease, files={"a.md": File("a.md", "2", "id")}, gone_files=["été/b.md", "never.md"])
    assert store.files() == {"a.md": File("a.md", "2", "id")}


def test_editions_and_topic_names(store: Store, lease: Lease) -> None:
    harbour = PublishedEdition("Harbour", "digest", NINE)
    publish(store, lease, editions={"harbour": harbour, "été": PublishedEdition("Été", "", NINE)})
    assert store.topic_names(["harbour", "été", "x"]) == {"harbour": "Harbour", "été": "Été"}
    assert store.topic_names([]) == {}
    publish(store, lease, editions={"harbour": replace(harbour, digest="other")}, gone_editions=["été", "x"])
    assert store.editions() == {"harbour": replace(harbour, digest="other")}


def test_facts(store: Store, lease: Lease) -> None:
    publish(store, lease, facts={"built": NINE.isoformat(), "site": "{}"})
    store.set_fact(REMOVALS, "key")
    assert store.fact(REMOVALS) == "key"
    store.set_fact(REMOVALS, "")
    mark = store.fact(MARK)
    own = {"schema": SCHEMA_VERSION, "mark": mark, "marks": f'["{mark}"]'}
    assert mark and store.facts() == {**own, "generation": "1", "built": NINE.isoformat(), "site": "{}", "removals": ""}
    assert store.fact(BUILT) == NINE and store.fact(REMOVALS) == "" and store.fact(DIGESTED) is None


def test_an_empty_publication_knows_that_it_is() -> None:
    assert Publication().empty
    assert not Publication(void={"/a"}).empty and not Publication(live={"a": False}).empty


# ---- whole or not at all


def test_without_the_lease_nothing_is_left_behind(store: Store, lease: Lease) -> None:
    publish(store, lease, documents=[document(body=b"old")], **whole(record()))
    before = everything(store)
    all_new = whole(record(slug="new"), record("b")) | {
        "documents": [document(body=b"new"), document("/b")],
        "files": {"a.md": File("a.md", "", None)},
        "editions": {"all": PublishedEdition("All", "", NINE)},
        "facts": {"built": "now"},
        "void_below": ["/"],
    }
    for holder, fence in ((lease.holder, lease.fence + 1), (lease.holder, lease.fence - 1), ("", lease.fence), ("x", 0)):
        with pytest.raises(LeaseLost):
            store.publish(Publication(**all_new), holder=holder, fence=fence)  # type: ignore[arg-type]
        assert everything(store) == before


def test_a_build_that_fails_half_way_leaves_nothing_behind(store: Store, lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(store, lease, documents=[document(body=b"old")], **whole(record()))
    before = everything(store)

    def failing(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(store, "_publish_documents", failing)
        with pytest.raises(MemoryError):
            publish(store, lease, documents=[document(body=b"new")], **whole(record(slug="new")))
    assert everything(store) == before
    assert publish(store, lease, documents=[document(body=b"new")]) == 2


DIE = """
    import os, sys
    from feedsvc.formats.compression import encode
    from feedsvc.model.document import Document
    from feedsvc.storage.lease import Lease
    from feedsvc.model.publication import Publication
    from feedsvc.storage.store import Store
    from datetime import datetime, UTC
    store = Store(sys.argv[1])
    lease = Lease(store)
    assert lease.acquire(0)
    put = store.put
    def die(connection, table, rows):
        put(connection, table, rows)
        if table.name == "documents":
            os.kill(os.getpid(), 9)
    store.put = die
    new = Document(path="/a", encodings=encode(b"new", "text/plain"), content_type="text/plain", last_modified=datetime.now(UTC))
    store.publish(Publication(documents=[new]), holder=lease.holder, fence=lease.fence)
"""


def test_a_builder_killed_in_a_build_leaves_the_old_documents(store: Store, database: str) -> None:
    first = Lease(store)
    assert first.acquire(0)
    publish(store, first, documents=[document("/a", b"old")])
    first.release()
    before = everything(store)
    died = subprocess.run([sys.executable, "-c", textwrap.dedent(DIE), database], timeout=SLOW)
    assert died.returncode == -9
    assert everything(store) == before
    next_one = Lease(store)
    assert next_one.acquire(0), "the dead process is of this machine"
    assert publish(store, next_one, documents=[document("/a", b"new")]) == 2
    next_one.release()


READ = """
    import sys
    from feedsvc.storage.store import Store
    store = Store(sys.argv[1], create=False)
    print("ready", flush=True)
    last = 0
    while last < int(sys.argv[2]):
        generation, changed = store.changed_since(0, {f"/{number}" for number in range(7)})
        bodies = {document.encodings["identity"].body for _, document in changed}
        assert len(changed) == 7 and bodies == {str(generation).encode()}, (generation, bodies)
        assert generation >= last
        last = generation
"""


def test_a_reader_sees_the_old_or_the_new_and_never_a_mixture(store: Store, lease: Lease, database: str) -> None:
    def build(number: int) -> None:
        publish(store, lease, documents=[document(f"/{place}", str(number).encode()) for place in range(7)])

    build(1)
    words = [sys.executable, "-c", textwrap.dedent(READ), database, "40"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as reader:
        assert reader.stdout and reader.stdout.readline() == b"ready\n"
        for number in range(2, 41):
            build(number)
        assert reader.wait(SLOW) == 0
