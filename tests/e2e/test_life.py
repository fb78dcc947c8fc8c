"""The life of many articles at once: whatever a newsroom does in whatever order, the ledger's promises hold.

A real folder, a real database and a real build stand beside a simple model of what readers must see. `FEEDSVC_TEST_LONG=1`
makes it look for longer.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from feedsvc.builder.brake import BRAKE_NUMBER, BRAKE_WINDOW
from feedsvc.model.ledger import new_id
from feedsvc.storage.facts import PUBLIC_URL
from support.life import URLS, Expected, Told
from support.live import LONG, Newsroom

MOST = 9
FOLDERS = ("sport", "town", "harbour", "2026/may")
SPANS = st.sampled_from([timedelta(seconds=seconds) for seconds in (0.4, 1, 59, 60, 3600, 90_000)])
which = st.integers(0, 10_000)


class Life(Expected, RuleBasedStateMachine):
    """Every rule but `build` only changes the folder; every promise is checked after each build."""

    def __init__(self) -> None:
        super().__init__()
        self.scratch = Path(tempfile.mkdtemp())
        self.rooms = 0
        self.articles: list[Told] = []
        self.last_build = datetime.min.replace(tzinfo=UTC)
        self.names = 0
        self.hints: set[str] = set()
        self.pool = self.new_room()
        self.fresh = True
        self.owners: dict[str, Told] = {}
        self.moments: dict[str, tuple[datetime, bytes]] = {}

    def teardown(self) -> None:
        self.build(False)
        self.pool.close()
        shutil.rmtree(self.scratch)

    def new_room(self) -> Newsroom:
        self.rooms += 1
        folder = self.scratch / str(self.rooms)
        folder.mkdir()
        return Newsroom(folder)

    # ---- the folder

    def name(self) -> str:
        self.names += 1
        return f"name{self.names:03}"

    def chosen(self, number: int, fit: Callable[[Told], object]) -> Told | None:
        found = [told for told in self.articles if fit(told)]
        return found[number % len(found)] if found else None

    def save(self, told: Told, relocated: bool = False) -> None:
        told.touched, told.relocated = True, told.relocated or relocated
        self.hints.add(told.path)
        if told.gone:
            return
        text = f"The words {told.word} number {told.version}x stand here."
        body = told.markup.format(text)
        file = self.pool.write(told.path, title=f"Title of {told.word}", standfirst=f"On {told.word}.", **told.keys, body=body)
        if told.broken:
            file.write_text(f"---\ntitle: [{told.word}\n---\n{body}\n")

    def twins(self, told: Told) -> list[Told]:
        return [other for other in self.articles if other is not told and told.words in (other.words, other.taken)]

    def settled(self, told: Told) -> bool:
        """Whether a file may move without a doubt which article it was: known, its words unchanged, no twin on its way."""
        same = told.id and told.words == told.taken and not told.relocated
        return bool(same) and not any(twin.relocated for twin in self.twins(told))

    def removable(self) -> bool:
        """Whether one more file may go before the mass-removal brake asks a person."""
        now = self.pool.now.replace(microsecond=0)
        recent = [told for told in self.articles if told.state == "removed" and now - told.since < BRAKE_WINDOW]
        leaving = [told for told in self.articles if told.relocated and told.state not in ("", "removed")]
        return len({*recent, *leaving}) < BRAKE_NUMBER

    @initialize(number=st.integers(0, 4), folder=st.sampled_from(FOLDERS))
    def begin(self, number: int, folder: str) -> None:
        for _ in range(number):
            self.write(folder, {})
        self.build(False)

    @precondition(lambda self: len(self.articles) < MOST)
    @rule(
        folder=st.sampled_from(FOLDERS),
        keys=st.fixed_dictionaries(
            {},
            optional={
                "id": st.just("tag:feeds.example,2026:{}"),
                "draft": st.just(True),
                "story": st.just("Regatta"),
                "topics": st.just(["Only {}", "Shared"]),
                "breaking": st.just(True),
            },
        ),
    )
    def write(self, folder: str, keys: dict[str, object]) -> None:
        name = self.name()
        word = f"zq{self.names:03}"
        said = {key: json.loads(json.dumps(value).replace("{}", word)) for key, value in keys.items()}
        told = Told(word, f"{folder}/{name}.md", said)
        self.articles.append(told)
        self.save(told)

    @precondition(lambda self: len(self.articles) < MOST)
    @rule(number=which)
    def write_where_one_moved_away(self, number: int) -> None:
        def left(told: Told) -> bool:
            moved = bool(told.id) and told.state != "removed" and told.first_path not in (told.path, told.taken_path)
            return moved and not told.relocated and told.first_path in self.owned_once

        self.owned_once = {told.first_path for told in self.articles} - {told.path for told in self.articles}
        if one := self.chosen(number, left):
            self.names += 1
            told = Told(f"zq{self.names:03}", one.first_path)
            if not any(other.slug == told.slug for other in self.articles):
                self.articles.append(told)
                self.save(told)

    @precondition(lambda self: len(self.articles) < MOST)
    @rule(number=which, folder=st.sampled_from(FOLDERS))
    def copy(self, number: int, folder: str) -> None:
        def fit(told: Told) -> bool:
            # Where another has just lost these words, who has them next is that one moved.
            going = any(twin.gone or (twin.id and twin.words != told.words) for twin in self.twins(told))
            return not told.gone and not told.broken and self.settled(told) and not going

        if one := self.chosen(number, fit):
            keys = {key: value for key, value in one.keys.items() if key != "id"}
            told = Told(one.word, f"{folder}/{self.name()}.md", keys, one.version, one.markup)
            self.articles.append(told)
            self.save(told)

    @rule(number=which)
    def edit_words(self, number: int) -> None:
        def fit(told: Told) -> bool:
            known = not told.relocated and told.state != "removed"
            # A copy that keeps the words while its original loses them is a move, and something new in the old place.
            moved_away = told.id and any(twin.id is None for twin in self.twins(told))
            return not told.gone and not told.broken and (known or "id" in told.keys) and not moved_away

        if told := self.chosen(number, fit):
            self.names += 1
            told.version = self.names
            self.save(told)

    @rule(number=which, markup=st.sampled_from(["{}", "**{}**", "<p>{}</p>", "  {}  ", "> {}"]))
    def edit_markup(self, number: int, markup: str) -> None:
        if told := self.chosen(number, lambda told: not told.gone and not told.broken):
            told.markup = markup
            self.save(told)

    @rule(number=which)
    def touch(self, number: int) -> None:
        if told := self.chosen(number, lambda told: not told.gone):
            self.save(told)

    @rule(number=which, folder=st.sampled_from(FOLDERS), renamed=st.booleans())
    def move(self, number: int, folder: str, renamed: bool) -> None:
        def fit(told: Told) -> bool:
            return not told.gone and self.settled(told) and (not told.broken or told.state == "removed" or self.removable())

        if told := self.chosen(number, fit):
            self.move_one(told, f"{folder}/{self.name() if renamed else told.slug}.md")

    def move_one(self, told: Told, path: str) -> None:
        if path == told.path:
            return
        old = self.pool.articles / told.path
        (self.pool.articles / path).parent.mkdir(parents=True, exist_ok=True)
        old.rename(self.pool.articles / path)
        self.hints |= {told.path, path}
        told.path, told.touched, told.relocated = path, True, True

    @rule(source=st.sampled_from(FOLDERS))
    def move_folder(self, source: str) -> None:
        inside = [told for told in self.articles if not told.gone and told.path.startswith(f"{source}/")]
        if inside and all(self.settled(told) and not told.broken for told in inside):
            target = f"folder{self.name()}"
            for told in inside:
                self.move_one(told, f"{target}/{told.slug}.md")
            self.hints |= {source, target}

    @rule(number=which)
    def delete(self, number: int) -> None:
        def fit(told: Told) -> bool:
            return not told.gone and not told.touched and not any(twin.relocated for twin in self.twins(told))

        if self.removable() and (told := self.chosen(number, fit)):
            (self.pool.articles / told.path).unlink()
            told.gone, told.broken, told.version = True, False, told.taken[1]
            self.save(told, relocated=True)
            if told.id is None:
                self.articles.remove(told)

    @rule(number=which, folder=st.sampled_from(FOLDERS), moved=st.booleans())
    def restore(self, number: int, folder: str, moved: bool) -> None:
        if told := self.chosen(number, lambda told: told.gone and not told.touched):
            if moved and ("id" in told.keys or not self.twins(told)):
                told.path = f"{folder}/{told.slug}.md"
            told.gone = False
            self.save(told, relocated=True)

    @rule(number=which)
    def spoil(self, number: int) -> None:
        if told := self.chosen(number, lambda told: not told.gone and not told.relocated):
            told.broken = True
            self.save(told)

    @rule(number=which)
    def mend(self, number: int) -> None:
        def unsure(told: Told) -> bool:
            return told.id is None or told.state == "removed"

        def fit(told: Told) -> bool:
            return told.broken and not (unsure(told) and any(twin.relocated or twin.gone for twin in self.twins(told)))

        if told := self.chosen(number, fit):
            told.broken = False
            self.save(told, relocated=unsure(told))

    def set_key(self, number: int, key: str, value: object | None) -> None:
        if told := self.chosen(number, lambda told: not told.gone and not told.broken):
            told.keys.pop(key, None)
            if value is not None:
                told.keys[key] = value
            if {"date", "expires"} <= told.keys.keys() and told.keys["expires"] <= told.keys["date"]:
                del told.keys["expires"]
            self.save(told)

    @rule(number=which, span=SPANS, way=st.sampled_from([-1, 1, 1]))
    def set_date(self, number: int, span: timedelta, way: int) -> None:
        self.set_key(number, "date", (self.pool.now + way * span).replace(microsecond=0))

    @rule(number=which)
    def lift_date(self, number: int) -> None:
        self.set_key(number, "date", None)

    @rule(number=which, span=st.none() | SPANS)
    def set_expiry(self, number: int, span: timedelta | None) -> None:
        self.set_key(number, "expires", (self.pool.now + span).replace(microsecond=0) if span else None)

    @rule(number=which, key=st.sampled_from(["draft", "breaking"]), on=st.booleans())
    def set_flag(self, number: int, key: str, on: bool) -> None:
        self.set_key(number, key, True if on else None)

    @rule(number=which, on=st.booleans())
    def retract(self, number: int, on: bool) -> None:
        self.set_key(number, "retracted", "It was not so." if on else None)

    @rule(number=which, on=st.booleans())
    def tie_to_story(self, number: int, on: bool) -> None:
        self.set_key(number, "story", "Regatta" if on else None)

    # ---- time and the service

    @rule(span=SPANS)
    def pass_time(self, span: timedelta) -> None:
        self.pool.now += span

    @rule()
    def restart(self) -> None:
        self.pool.begin()

    @rule(url=st.sampled_from(URLS))
    def change_public_url(self, url: str) -> None:
        self.pool.public_url = url
        self.pool.begin()

    @precondition(lambda self: self.pool.store.fact(PUBLIC_URL) == self.pool.public_url)
    @rule()
    def visit_all_pages(self) -> None:
        """Pages are made when asked for and kept: whatever becomes stale must be made again."""
        for slug, told in self.owners.items():
            page = self.pages.find(slug)
            visible = told.shows(self.built)
            assert (page is not None and page.status in (200, 301)) == visible
            assert not page or not page.location or page.location.endswith(f"/articles/{told.taken_slug}")
            if page and not visible:
                over = told.expires is not None and told.expires <= self.built  # it was meant for readers, seen or not
                assert page.status == 410 and (told.seen or told.state == "retracted" or over)
                assert f"The words {told.word}" not in page.encodings["identity"].body.decode()

    @precondition(lambda self: self.rooms < 3)
    @rule()
    def lose_the_database(self) -> None:
        self.build(False)
        old, self.pool = self.pool, self.new_room()
        shutil.rmtree(self.pool.articles)
        old.articles.rename(self.pool.articles)
        self.pool.now, self.pool.public_url, self.pool._writes = old.now, old.public_url, old._writes
        self.pool.begin()
        old.close()
        self.articles = [told for told in self.articles if not told.gone]
        kept = {
            told: told.id
            for told in self.articles
            if not told.broken and ("id" in told.keys or told.id == new_id(told.path, lambda id: False))
        }
        for told in self.articles:
            told.id, told.state, told.seen, told.taken, told.touched, told.relocated = None, "", False, ("", 0), True, True
            told.addresses, told.taken_whole = set(), ()
        self.owners, self.moments, self.fresh, self.hints = {}, {}, True, set()
        self.build(False)
        assert {told: told.id for told in kept} == kept

    @rule(hinted=st.booleans())
    def build(self, hinted: bool) -> None:
        hints, self.hints = sorted(self.hints), set()
        build = self.pool.build(*hints) if hinted and hints and not self.fresh else self.pool.build()
        assert build.problem is None and not build.moving
        self.take()
        self.check()
        self.fresh = False


Life.TestCase.settings = settings(
    max_examples=2_000 if LONG else 40,
    stateful_step_count=60 if LONG else 30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
test_what_a_newsroom_does_in_any_order_keeps_the_promises = Life.TestCase
