"""A database of an earlier release is brought up to this one's version, and keeps every id, every date and every fact.

`tests/data/databases/version-2.sql` was written by the release before the packages: two builds of a small newsroom.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from feedsvc.errors import SchemaError
from feedsvc.model.history import BuildOutcome
from feedsvc.model.record import State
from feedsvc.storage import facts
from feedsvc.storage.migration import EARLIER_VERSIONS, SCHEMA_VERSION
from feedsvc.storage.outbox import Target
from feedsvc.storage.rows import record_of
from feedsvc.storage.store import Store
from support.live import Newsroom
from support.records import record

DUMP = Path(__file__).parent.parent / "data/databases/version-2.sql"
ARTICLES = {
    "sport/win.md": "---\ntitle: Town win again\n---\nIt rained and rained.\n",
    "sport/later.md": "---\ntitle: Later\ndate: 2099-01-01T09:00:00Z\n---\nNot yet.\n",
    "sport/bad.md": "---\ntitle: Bad\ndate: 2024-02-30\n---\nx\n",
    "harbour/ferry.md": "---\ntitle: A ferry\ndate: 2026-05-20T09:00:00Z\n---\nIt sails.\n",
    "site.toml": '[site]\ntitle = "The Quay"\ntimezone = "Europe/London"\n\n[topics.sport]\nname = "Sport"\n',
}


@pytest.fixture
def old(tmp_path: Path) -> str:
    """The URL of that database."""
    (tmp_path / "var").mkdir()
    with sqlite3.connect(tmp_path / "var/feedsvc.db") as connection:
        connection.executescript(DUMP.read_text("utf-8"))
    connection.close()
    return f"sqlite:///{tmp_path}/var/feedsvc.db"


NEW = ("announcements", "targets", "serving", "bylines", "translations")


def rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables but the facts."""
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names if name != "facts"}  # noqa: S608
    connection.close()
    return found


def test_every_fact_has_the_value_that_it_had(old: str) -> None:
    store = Store(old)
    moment = datetime(2026, 11, 29, 2, 41, 55, 592489, UTC)
    assert store.fact(facts.SCHEMA) == SCHEMA_VERSION
    assert store.fact(facts.BUILT) == moment
    assert store.fact(facts.GENERATION) == 2
    assert store.fact(facts.PUBLIC_URL) == "https://feeds.example"
    site = store.fact(facts.SITE)
    assert site.title == "The Quay" and [topic.name for topic in site.topics] == ["Sport"]
    assert [one.path for one in store.fact(facts.UPCOMING)] == ["sport/later.md"]
    history = store.fact(facts.HISTORY)
    assert next((line.at, line.generation, line.read) for line in history.lines) == (moment, 2, 1)
    assert len(history.lines) == history.tallies[BuildOutcome.PUBLISHED].number == 2 and history.looked == moment
    assert store.fact(facts.PROBLEM) == "the disk was full" and store.fact(facts.BRAKE) == store.fact(facts.WATCHER) == ""
    damaged = store.fact(facts.DAMAGED)
    assert damaged and damaged.at.year == 2026 and damaged.aside.startswith("var/feedsvc.db.damaged-")
    assert not store.fact(facts.OPENING) and not store.fact(facts.REMOVALS)
    assert store.fact(facts.DIGESTED) == datetime(2026, 11, 28, 6, tzinfo=UTC)
    assert "/" in store.fact(facts.SITE_PATHS) and store.fact(facts.WARNINGS) == {}
    declared = {fact.name for fact in vars(facts).values() if isinstance(fact, facts.Fact)}
    assert store.facts().keys() <= declared
    store.close()


def test_what_the_hub_knew_it_still_knows(old: str) -> None:
    with sqlite3.connect(old.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE facts SET value = json_set(value, '$.hub', 'https://hub.example/') WHERE name = 'site'")
        assert connection.execute("SELECT value FROM facts WHERE name = 'announced'").fetchone() == ("2",)
    connection.close()
    store = Store(old)
    assert store.targets() == {"hub": Target("hub", "https://hub.example/", 2)}
    store.close()


def test_every_row_is_as_it_was_and_can_be_read(old: str) -> None:
    before = rows(old)
    store = Store(old)
    after = rows(old)
    # site.toml is read again, for an earlier release did not know all of its keys.
    before["files"], after["files"] = ([row for row in found["files"] if row[0] != "site.toml"] for found in (before, after))
    ledgers = [[row[:-2] + row[-1:] for row in sorted(found.pop("ledger"), key=repr)] for found in (before, after)]
    kept = {after.pop(name) == [] for name in ("quarantine", "held_files", "copies", "pieces", "pictures", *NEW)}
    assert kept == {True} and after == before and ledgers[0] == ledgers[1] and len(ledgers[0]) == 4
    assert {record.path: record.title for record in store.records()}["sport/win.md"] == "Town win again"
    assert len(store.articles(record.id for record in store.records())) == 4
    assert len(store.files()) == 5 and store.faults() and store.editions().keys() >= {"all", "sport"}
    assert store.archives().keys() >= {"all"} and store.digests().keys() >= {"all"}
    assert store.document("/feeds/sport.json") and store.find_by_slug("gone")
    store.close()


def test_who_wrote_what_is_filed_and_site_toml_is_read_again(tmp_path: Path) -> None:
    newsroom = Newsroom(tmp_path)
    newsroom.write("site.toml", '[site]\ntitle = "Gazette"\n')
    newsroom.write("sport/win.md", title="Win", authors=["Ada Keel"])
    newsroom.build()
    newsroom.close()
    with sqlite3.connect(tmp_path / "var/feedsvc.db") as connection:
        connection.execute("DROP TABLE bylines")
        connection.execute("UPDATE facts SET value = '8' WHERE name = 'schema'")
        connection.execute("""UPDATE facts SET value = '{"title": "Gazette"}' WHERE name = 'site'""")
    connection.close()
    newsroom.open()
    client = newsroom.client()
    assert [item["title"] for item in client.get("/feeds/author/ada-keel.json").json["items"]] == ["Win"]
    newsroom.store.engine.dispose()
    assert newsroom.build().generation and "site.toml" in newsroom.store.files()
    newsroom.close()


def test_what_readers_saw_is_known(old: str) -> None:
    store = Store(old)
    shown = {record.path: record.shown for record in store.records()}
    assert shown == {"sport/win.md": True, "sport/later.md": False, "harbour/ferry.md": True, "sport/gone.md": True}
    store.close()


def test_the_next_build_gives_every_article_the_id_and_dates_that_it_had(old: str, tmp_path: Path) -> None:
    store = Store(old)
    known = {record.path: record for record in store.records()}
    store.close()
    newsroom = Newsroom(tmp_path)
    for path, words in ARTICLES.items():
        newsroom.write(path, words)
    newsroom.now = datetime(2026, 11, 30, tzinfo=UTC)
    newsroom.build()
    found = {record.path: record for record in newsroom.store.records()}
    for field in ("id", "slug", "title", "first_seen", "published", "updated", "since", "seen", "words", "state"):
        values, before = ({path: getattr(one, field) for path, one in records.items()} for records in (found, known))
        assert values == before, field
    (item,) = newsroom.feed("sport")["items"]
    win = known["sport/win.md"]
    assert (item["id"], item["date_published"], item["date_modified"]) == (win.id, _shown(win.published), _shown(win.updated))
    newsroom.close()


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def test_who_may_not_bring_it_up_says_who_does(old: str) -> None:
    with pytest.raises(SchemaError, match=f"its schema is version 2; feedsvc serve brings it up to {SCHEMA_VERSION}$"):
        Store(old, create=False)
    Store(old).close()
    Store(old, create=False).close()


def test_the_date_under_which_an_article_came_out_is_kept() -> None:
    """Schema version 2 kept that alone of what readers saw last."""
    withheld = record(state=State.DRAFT, shown=True, title='"came_out":"')
    earlier = msgspec.to_builtins(withheld)
    del earlier["seen"]
    assert record_of(msgspec.json.encode(earlier | {"came_out": None})) == withheld
    found = record_of(msgspec.json.encode(earlier | {"came_out": "2026-05-01T09:00:00Z"}))
    assert found.seen == replace(withheld.last_seen, published=datetime(2026, 5, 1, 9, tzinfo=UTC))
    assert record_of(msgspec.json.encode(found)) == found


@pytest.mark.parametrize("version", EARLIER_VERSIONS)
def test_every_kind_of_database_is_brought_up(database: str, version: str) -> None:
    store = Store(database)
    with store.writing() as connection:
        store.put_facts(connection, {"schema": version, "pressed": "2026-05-21T09:00:00+00:00", "logbook": '{"lines":[]}'})
        if version == "1":
            for table in ("archives", "digests", "quarantine", "held_files", "copies", "pieces"):
                connection.execute(text(f"DROP TABLE {table}"))
    store.close()
    for _ in range(2):
        store = Store(database)
        assert store.fact(facts.BUILT) == datetime(2026, 5, 21, 9, tzinfo=UTC)
        assert store.facts().keys() == {"schema", "built", "history"}
        assert (store.archives(), store.digests()) == ({}, {})
        store.close()
