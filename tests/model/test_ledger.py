"""What an article's past says of its id, its dates and its state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model.article import Article, Correction, Image
from feedsvc.model.ledger import dates_ahead, new_id, published, remember, remove
from feedsvc.model.record import TOMBSTONE, Record, State, words_of
from support.newsroom import articles

NOW = datetime(2026, 5, 21, 12, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
FERRY = Article(title="The ferry runs late", slug="ferry", body="<p>Fog lies on the water.</p>")
BREAKING = replace(FERRY, breaking=True)


def seen(
    article: Article = FERRY,
    at: datetime = NOW,
    before: Record | None = None,
    first: datetime | None = None,
    fresh: bool = False,
) -> Record:
    """The record of an article read at a moment, as a build leaves it."""
    record = remember(
        before,
        article,
        id="urn:example:ferry",
        path="harbour/ferry.md",
        words=words_of(article),
        stamp=repr(article),
        size=0,
        topics=(("harbour", "Harbour"),),
        story=None,
        media=None,
        seen=first or at,
        fresh=fresh,
        now=at,
        breaking_for=2 * HOUR,
    )
    return published(record) if record.live(at) else record


# ---- words


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "The ferry  runs\tlate "},
        {"body": "<p>Fog <b>lies</b>\n on the water.</p>"},
        {"body": "<div><p class='x'>Fog lies</p><p>on the water.</p></div>"},
        {"body": "<p>Fog lies on the&#32;w&#97;ter.</p>"},
        {"slug": "other"},
        {"link": "https://quay.example/ferry"},
        {"topics": ("Council",)},
        {"image": Image(src="https://quay.example/fog.jpg", alt="Fog")},
        {"breaking": True},
        {"draft": True},
        {"date": NOW},
        {"authors": ("Ada Keel",)},
    ],
)
def test_white_space_markup_and_what_is_no_text_are_not_words(changes: dict[str, object]) -> None:
    assert words_of(replace(FERRY, **changes)) == words_of(FERRY)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "The ferry runs later"},
        {"title": "the ferry runs late"},
        {"standfirst": "Fog."},
        {"key_points": ("Fog.",)},
        {"body": "<p>Fog lies on the water!</p>"},
        {"body": "<p>Fog lies &lt;on&gt; the water.</p>"},
        {"why_it_matters": "Fog."},
        {"what_it_means": "Fog."},
        {"corrections": (Correction(NOW, "It is mist."),)},
    ],
)
def test_any_word_changes_the_words(changes: dict[str, object]) -> None:
    assert words_of(replace(FERRY, **changes)) != words_of(FERRY)


@given(st.text(st.one_of(st.characters(max_codepoint=127), st.sampled_from("é\x85\xa0\u2003\u3000"))))
def test_white_space_is_the_same_in_every_script(text: str) -> None:
    assert words_of(replace(FERRY, title=f"é{text}")) == words_of(replace(FERRY, title=f"é{''.join(text.split())}"))
    assert words_of(replace(FERRY, title=text)) == words_of(replace(FERRY, title="".join(text.split())))


def test_a_word_that_moves_to_another_part_is_a_change() -> None:
    assert words_of(replace(FERRY, standfirst="Fog")) != words_of(replace(FERRY, key_points=("Fog",), standfirst=""))


# ---- ids


def free(id: str) -> bool:
    return False


def test_an_id_is_derived_from_the_path_alone_on_every_machine() -> None:
    assert new_id("a.md", free) == new_id("a.md", free) == "urn:uuid:a4ca4f97-deb8-5be9-af87-7b22b3e5f971"
    assert new_id("a.md", free) != new_id("b.md", free)


def test_a_new_article_in_the_place_of_another_gets_an_id_of_its_own() -> None:
    taken: list[str] = []
    for _ in range(3):
        taken.append(new_id("a.md", taken.__contains__))
    assert len(set(taken)) == 3


# ---- dates


def test_an_embargo_set_on_what_readers_have_seen_leaves_no_date_to_come_when_it_is_lifted() -> None:
    first = seen(at=NOW)
    withheld = seen(replace(FERRY, date=NOW + DAY), at=NOW + HOUR, before=first)
    assert withheld.published == NOW + DAY and not withheld.live(NOW + HOUR)
    back = seen(at=NOW + 2 * HOUR, before=withheld)
    assert (back.published, back.updated) == (NOW, NOW + 2 * HOUR)
    dated = seen(replace(FERRY, date=NOW - DAY), at=NOW + 2 * HOUR, before=withheld)
    assert (dated.published, dated.updated) == (NOW - DAY, NOW + 2 * HOUR)


def test_a_new_article_is_dated_when_it_is_first_seen() -> None:
    record = seen(first=NOW - DAY)
    assert record.first_seen == record.published == record.updated == record.since == NOW - DAY
    assert record.shown and record.live(NOW)


def test_its_own_date_comes_before_that() -> None:
    record = seen(replace(FERRY, date=NOW - 3 * DAY))
    assert (record.published, record.updated, record.first_seen) == (NOW - 3 * DAY, NOW - 3 * DAY, NOW)


WORDS = {"title": "The ferry runs again"}
MARKUP = {"body": "<p><b>Fog lies</b> on the  water.</p>"}


@pytest.mark.parametrize(
    ("before", "after", "updated"),
    [
        ({}, {}, 0),
        ({}, WORDS, 1),
        ({}, MARKUP, 0),
        ({}, {"slug": "boat"}, 0),
        ({}, {"topics": ("Council",)}, 0),
        ({}, {"breaking": True}, 0),
        ({}, {"expires": NOW + DAY}, 0),
        ({}, {"updated": NOW + timedelta(minutes=30)}, 0.5),
        ({}, WORDS | {"updated": NOW + timedelta(minutes=30)}, 0.5),
        ({"updated": NOW - HOUR}, {}, 0),
    ],
)
def test_updated_moves_for_words_alone_and_published_never(
    before: dict[str, object], after: dict[str, object], updated: float
) -> None:
    first = seen(replace(FERRY, **before))
    second = seen(replace(FERRY, **after), NOW + HOUR, first)
    assert second.published == second.first_seen == NOW
    assert second.updated == NOW + updated * HOUR
    assert second.shown


@pytest.mark.parametrize(
    ("day", "published"),
    [
        (NOW - 30 * DAY, NOW - 30 * DAY),
        (NOW - 12 * HOUR, NOW),  # it was first seen on that very day
        (NOW - DAY, NOW - DAY),
        (NOW + 12 * HOUR, NOW + 12 * HOUR),
        (NOW + 30 * DAY, NOW + 30 * DAY),
    ],
)
def test_the_day_in_a_files_name_dates_an_article_without_a_date(day: datetime, published: datetime) -> None:
    assert seen(replace(FERRY, day=day)).published == published


def test_the_day_in_a_files_name_moves_no_article_that_readers_have_seen_but_into_an_embargo() -> None:
    first = seen()
    assert seen(replace(FERRY, day=NOW - 9 * DAY), NOW + HOUR, first).published == NOW
    held = seen(replace(FERRY, day=NOW + 9 * DAY), NOW + HOUR, first)
    assert held.published == NOW + 9 * DAY
    assert seen(replace(FERRY, day=NOW - 9 * DAY), NOW + 2 * HOUR, held).published == NOW


def test_an_edit_on_the_day_in_its_name_keeps_the_moment_first_seen() -> None:
    first = seen(replace(FERRY, day=NOW - 12 * HOUR))
    assert seen(replace(FERRY, title="New", day=NOW - 12 * HOUR), NOW + HOUR, first).published == NOW


def test_updated_is_never_before_published() -> None:
    assert seen(replace(FERRY, date=NOW, updated=NOW - DAY)).updated == NOW


def test_a_change_and_its_undoing_are_two_updates() -> None:
    first = seen()
    second = seen(replace(FERRY, **WORDS), NOW + HOUR, first)
    third = seen(FERRY, NOW + 2 * HOUR, second)
    assert (third.published, third.updated) == (NOW, NOW + 2 * HOUR)


def test_an_articles_own_date_may_be_put_right() -> None:
    assert seen(replace(FERRY, date=NOW - DAY), NOW + HOUR, seen()).published == NOW - DAY


def test_a_date_taken_away_leaves_what_readers_saw() -> None:
    dated = seen(replace(FERRY, date=NOW - DAY))
    assert seen(FERRY, NOW + HOUR, dated).published == NOW - DAY


# ---- drafts, embargoes, expiry


def test_a_draft_is_dated_when_it_is_let_out() -> None:
    draft = seen(replace(FERRY, draft=True))
    assert draft.state is State.DRAFT and not draft.live(NOW + DAY)
    changed = seen(replace(FERRY, draft=True, **WORDS), NOW + HOUR, draft)
    out = seen(replace(FERRY, **WORDS), NOW + DAY, changed)
    assert out.published == out.updated == out.since == NOW + DAY
    assert out.first_seen == NOW and out.live(NOW + DAY)


def test_a_story_withdrawn_to_a_draft_comes_back_under_its_date() -> None:
    draft = seen(replace(FERRY, draft=True), NOW + HOUR, seen())
    assert draft.shown and not draft.live(NOW + HOUR)
    assert seen(FERRY, NOW + DAY, draft).published == NOW


def test_an_embargo_ends_at_its_instant() -> None:
    record = seen(replace(FERRY, date=NOW + HOUR))
    assert [record.live(NOW + HOUR - SECOND), record.live(NOW + HOUR)] == [False, True]


def test_an_embargo_lifted_by_taking_the_date_away_publishes_now() -> None:
    embargoed = seen(replace(FERRY, date=NOW + DAY))
    lifted = seen(FERRY, NOW + HOUR, embargoed)
    assert lifted.published == lifted.updated == NOW + HOUR
    assert lifted.live(NOW + HOUR)


def test_words_changed_under_embargo_are_no_update() -> None:
    embargoed = seen(replace(FERRY, date=NOW + DAY))
    assert seen(replace(FERRY, date=NOW + DAY, **WORDS), NOW + HOUR, embargoed).updated == NOW + DAY


def test_an_embargo_ended_for_readers_when_a_build_published_the_article() -> None:
    embargoed = seen(replace(FERRY, date=NOW + HOUR))
    assert seen(FERRY, NOW + 2 * HOUR, published(embargoed)).published == NOW + HOUR
    assert seen(FERRY, NOW + 2 * HOUR, embargoed).published == NOW + 2 * HOUR


def test_an_article_ends_when_it_expires() -> None:
    record = seen(replace(FERRY, expires=NOW + HOUR))
    assert [record.live(NOW + HOUR - SECOND), record.live(NOW + HOUR)] == [True, False]


def test_an_expired_article_that_is_prolonged_is_no_news() -> None:
    record = seen(replace(FERRY, expires=NOW + HOUR))
    again = seen(FERRY, NOW + DAY, record)
    assert again.live(NOW + DAY)
    assert (again.published, again.updated, again.shown) == (NOW, NOW, True)


def test_an_article_that_expired_before_it_came_was_never_seen() -> None:
    record = seen(replace(FERRY, date=NOW - DAY, expires=NOW - HOUR))
    assert not record.shown
    assert seen(FERRY, NOW + HOUR, record).published == NOW + HOUR


# ---- retraction, removal, return


def test_a_retracted_article_is_gone_at_once_and_stays_known() -> None:
    retracted = seen(replace(FERRY, retracted="It was another boat."), NOW + HOUR, seen())
    assert retracted.state is State.RETRACTED and not retracted.live(NOW + HOUR)
    assert (retracted.since, retracted.published, retracted.shown) == (NOW + HOUR, NOW, True)
    assert list(retracted.instants()) == [NOW + HOUR + TOMBSTONE]


def test_a_retraction_taken_back_restores_it_under_its_date() -> None:
    retracted = seen(replace(FERRY, retracted="It was another boat."), NOW + HOUR, seen())
    restored = seen(FERRY, NOW + DAY, retracted)
    assert (restored.state, restored.published, restored.updated) == (State.STANDING, NOW, NOW)


def test_a_retracted_draft_is_retracted() -> None:
    assert seen(replace(FERRY, draft=True, retracted="No.")).state is State.RETRACTED


def test_a_state_keeps_the_moment_it_began() -> None:
    assert seen(replace(FERRY, **WORDS), NOW + HOUR, seen()).since == NOW


def test_a_removed_article_comes_back_as_it_was() -> None:
    removed = remove(seen(), NOW + HOUR)
    assert (removed.state, removed.since, removed.shown) == (State.REMOVED, NOW + HOUR, True)
    assert not removed.live(NOW + HOUR)
    back = seen(FERRY, NOW + DAY, removed)
    assert (back.state, back.published, back.updated, back.first_seen) == (State.STANDING, NOW, NOW, NOW)


def test_a_removed_article_that_comes_back_changed_is_updated() -> None:
    back = seen(replace(FERRY, **WORDS), NOW + DAY, remove(seen(), NOW + HOUR))
    assert (back.published, back.updated) == (NOW, NOW + DAY)


@pytest.mark.parametrize(
    ("article", "shown"), [(FERRY, True), (replace(FERRY, date=NOW + DAY), False), (replace(FERRY, draft=True), False)]
)
def test_a_removed_article_knows_whether_it_was_seen(article: Article, shown: bool) -> None:
    assert remove(seen(article), NOW + HOUR).shown is shown


def test_an_expired_article_that_is_removed_was_seen() -> None:
    assert remove(seen(replace(FERRY, expires=NOW + HOUR)), NOW + DAY).shown


# ---- breaking news and instants


@pytest.mark.parametrize(
    ("breaking", "until", "counts"),
    [(False, None, False), (True, None, True), (True, NOW + SECOND, True), (True, NOW, False), (False, NOW + DAY, False)],
)
def test_breaking(breaking: bool, until: datetime | None, counts: bool) -> None:
    assert seen(replace(FERRY, breaking=breaking, breaking_until=until)).breaking_at(NOW) is counts


def breaks(article: Article = BREAKING, **given: object) -> datetime | None:
    """When an article that is breaking news stops being so."""
    return seen(article, **given).breaking_until  # type: ignore[arg-type]


def test_news_breaks_for_a_time_from_when_it_first_broke() -> None:
    assert breaks() == NOW + 2 * HOUR
    assert breaks(replace(BREAKING, breaking_until=NOW + 9 * HOUR)) == NOW + 9 * HOUR
    assert breaks(replace(BREAKING, breaking=False)) is None
    assert breaks(replace(BREAKING, date=NOW - DAY)) == NOW + 2 * HOUR, "the save makes it break, not its date"
    assert breaks(replace(BREAKING, date=NOW + DAY)) == NOW + DAY + 2 * HOUR, "it breaks when its embargo ends"


def test_an_edit_does_not_make_news_break_again_but_setting_it_anew_does() -> None:
    broke = seen(BREAKING)
    edited = seen(replace(BREAKING, body="<p>More fog.</p>"), NOW + HOUR, broke)
    assert edited.breaking_until == NOW + 2 * HOUR
    calm = seen(replace(FERRY, body="<p>More fog.</p>"), NOW + 3 * HOUR, edited)
    assert breaks(at=NOW + 4 * HOUR, before=calm) == NOW + 6 * HOUR
    ended = seen(replace(BREAKING, breaking_until=NOW + HOUR), NOW, calm)
    assert breaks(at=NOW + 4 * HOUR, before=ended) == NOW + 6 * HOUR, "an end that it gave itself was taken out"


def test_news_that_nobody_saw_breaks_when_it_comes_out() -> None:
    draft = seen(replace(BREAKING, draft=True))
    assert breaks(at=NOW + 5 * HOUR, before=draft) == NOW + 7 * HOUR
    embargoed = seen(replace(BREAKING, date=NOW + DAY))
    assert breaks(replace(BREAKING, date=NOW + HOUR), at=NOW + SECOND, before=embargoed) == NOW + 3 * HOUR


def test_old_news_does_not_break_again_on_a_new_machine() -> None:
    old = replace(BREAKING, date=NOW - 8 * DAY)
    assert not seen(old, fresh=True).breaking_at(NOW)
    assert seen(replace(BREAKING, date=NOW - HOUR), fresh=True).breaking_until == NOW + HOUR
    earlier_release = replace(seen(old), breaking_since=None, breaking_until=None)
    assert not seen(old, NOW, earlier_release).breaking_at(NOW)


def test_an_update_that_lies_ahead_counts_as_made_when_it_was_saved() -> None:
    lying = replace(FERRY, updated=NOW + 300 * DAY)
    record = seen(lying)
    assert record.updated == NOW
    again = seen(lying, NOW + DAY, record)
    assert again.updated == NOW, "reading it once more is no update"
    assert seen(lying, NOW + DAY, replace(record, updated=lying.updated)).updated == NOW + DAY, "as earlier releases kept it"
    assert seen(FERRY, NOW + 2 * DAY, again).updated == NOW, "nor is taking it out"
    assert seen(replace(FERRY, date=NOW + DAY, updated=NOW + HOUR)).updated == NOW + DAY
    assert [fault.warning for fault in dates_ahead(lying, "harbour/ferry.md", NOW)] == [True]
    assert not list(dates_ahead(replace(FERRY, updated=NOW), "harbour/ferry.md", NOW))
    assert not list(dates_ahead(replace(FERRY, date=NOW + DAY, updated=NOW + DAY), "harbour/ferry.md", NOW))


def test_instants_are_where_time_alone_changes_something() -> None:
    full = replace(FERRY, date=NOW, expires=NOW + DAY, breaking=True, breaking_until=NOW + HOUR)
    assert set(seen(full).instants()) == {NOW, NOW + HOUR, NOW + DAY, NOW + DAY + TOMBSTONE}
    assert list(seen(replace(full, draft=True)).instants()) == []


# ---- whatever the newsroom does

steps = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["words", "markup", "draft", "retract", "remove", "expire", "nothing"]),
    ),
    max_size=12,
)


@given(steps)
def test_once_seen_published_never_moves(todo: list[tuple[int, str]]) -> None:
    """Of an article without a date of its own."""
    now, record, seen_at = NOW, seen(), NOW
    for hours, step in todo:
        now += hours * HOUR
        before = record
        changes: dict[str, dict[str, object]] = {
            "words": {"title": f"The ferry runs at {now:%H}"},
            "markup": MARKUP,
            "draft": {"draft": True},
            "retract": {"retracted": "No."},
            "expire": {"expires": now + HOUR},
        }
        record = remove(record, now) if step == "remove" else seen(replace(FERRY, **changes.get(step, {})), now, record)
        assert record.shown, "it was out from the first"
        assert (record.published, record.first_seen) == (seen_at, NOW)
        assert before.updated <= record.updated <= now


@given(articles())
def test_an_article_read_again_is_the_same(article: Article) -> None:
    standing = replace(article, retracted=None)
    first = seen(standing)
    assert seen(standing, NOW + HOUR, first) == first
