"""What is said of a withdrawn article is what readers saw of it last, whatever its file says as it is withdrawn, or after.

A retraction alone speaks for itself: its title and its reason are for readers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from support.events import DAY, DIGESTS, HOUR, MINUTE, NIGHT, YEAR, build, hinted_or_scanned, move
from support.live import NOON, Newsroom

FERRY: dict[str, Any] = {
    "title": "Ferry sinks",
    "id": "tag:ferry",
    "slug": "ferry",
    "date": NIGHT,
    "topics": ["Harbour"],
    "story": "Regatta",
    "standfirst": "In the fog.",
    "link": "https://quay.example/ferry",
    "authors": ["Ada Keel"],
}
# Each key with a text that readers never saw.
UNSEEN = {
    "title": "Zebra escapes",
    "id": "tag:zebra",
    "slug": "zebra",
    "topics": ["Zebra"],
    "story": "Zebra",
    "standfirst": "A zebra escapes.",
    "link": "https://quay.example/zebra",
    "authors": ["Zebra Keel"],
    "image": "https://quay.example/zebra.jpg",
    "body": "The zebra.",
}
SITE = '[site]\ntitle = "Gazette"\npartners = ["msn", "smartnews", "flipboard"]\n'
WAYS: dict[str, dict[str, Any]] = {
    "draft": {"draft": True},
    "retracted": {"retracted": "It floats."},
    "expired": {"expires": NOON + MINUTE},
    "embargoed": {"date": NOON + YEAR},
}
in_every_way = pytest.mark.parametrize("way", WAYS)


def all_that_is_public(newsroom: Newsroom) -> str:
    """Every document, and what each address answers that readers may know or guess."""
    client = newsroom.client()
    slugs = [client.get(f"/articles/{slug}") for slug in ("ferry", "zebra")]
    return newsroom.everything() + "".join(f"{one.text}{one.headers}" for one in slugs)


def in_the_notice(newsroom: Newsroom, slug: str = "ferry") -> tuple[int, str]:
    """The status of an article's address, and the title that the notice there names."""
    answer = newsroom.client().get(f"/articles/{slug}")
    return answer.status_code, re.search("<h1[^>]*>([^<]*)", answer.text)[1].strip()


def taken_back(newsroom: Newsroom, feed: str) -> list[str]:
    """The ids in the tombstones of an Atom feed, or in the takedowns of MSN's."""
    return re.findall(r'<at:deleted-entry ref="([^"]+)"|<guid[^>]*>([^<]+)', newsroom.body(feed))


@pytest.fixture
def shown(newsroom: Newsroom) -> Newsroom:
    """A newsroom whose readers have seen one article."""
    newsroom.write("site.toml", SITE)
    newsroom.write("2026/ferry.md", **FERRY)
    newsroom.write("2026/other.md", topics=["Harbour"], date=NIGHT)
    newsroom.build()
    return newsroom


@hinted_or_scanned
@in_every_way
@pytest.mark.parametrize("key", [*UNSEEN, None], ids=[*UNSEEN, "all at once"])
def test_what_changes_with_the_withdrawal_is_never_seen(shown: Newsroom, key: str | None, way: str, hinted: bool) -> None:
    changed = {key: UNSEEN[key]} if key else {**UNSEEN, "id": FERRY["id"]}
    if way == "retracted":
        changed = {**changed, "title": FERRY["title"]}
    shown.write("2026/ferry.md", **FERRY | changed | WAYS[way])
    build(shown, "2026/ferry.md", hinted=hinted)
    assert "zebra" not in all_that_is_public(shown).casefold()
    if way in ("draft", "retracted"):
        assert ("tag:ferry", "") in taken_back(shown, "/feeds/harbour.atom")
        assert ("tag:ferry", "") in taken_back(shown, "/feeds/story/regatta.atom")
    if way != "embargoed":
        assert in_the_notice(shown) == (410, "Ferry sinks")
        msn = shown.body("/partners/msn/harbour.rss")
        assert "<title>Ferry sinks</title>" in msn and "https://quay.example/ferry" in msn


@pytest.mark.parametrize("then", ["changed again", "deleted", "draft", "retracted"])
@in_every_way
def test_nor_what_changes_later(shown: Newsroom, way: str, then: str) -> None:
    shown.write("2026/ferry.md", **FERRY | WAYS[way])
    shown.build(after=MINUTE)
    unseen = UNSEEN | {"id": FERRY["id"]}
    if "retracted" in (way, then):
        unseen["title"] = FERRY["title"]
    shown.write("2026/ferry.md", **FERRY | unseen | WAYS[way])
    shown.build(after=MINUTE)
    if then == "changed again":
        shown.write("2026/ferry.md", **FERRY | unseen | {"standfirst": "Two zebras"} | WAYS[way])
    elif then == "deleted":
        (shown.articles / "2026/ferry.md").unlink()
    else:
        shown.write("2026/ferry.md", **FERRY | unseen | WAYS[then])
    shown.build(after=MINUTE)
    assert "zebra" not in all_that_is_public(shown).casefold()
    if then != "changed again" or way != "embargoed":
        assert in_the_notice(shown) == (410, "Ferry sinks")


CORRECTED = "Ferry has arrived"


@pytest.mark.parametrize("then", [None, "deleted", "draft"])
def test_a_retraction_has_its_own_title_and_keeps_it(shown: Newsroom, then: str | None) -> None:
    """A newsroom takes out a headline that does damage by editing the file that it retracts, at once or later."""
    for title, reason in (("Ferry sinks", "It floats."), (CORRECTED, "It never sank.")):
        shown.write("2026/ferry.md", **FERRY | {"title": title, "retracted": reason})
        shown.build(after=MINUTE)
        assert in_the_notice(shown) == (410, title) and reason in shown.client().get("/articles/ferry").text
        assert f"<title>{title}</title>" in shown.body("/partners/msn/harbour.rss")
    if then == "deleted":
        (shown.articles / "2026/ferry.md").unlink()
    elif then:
        shown.write("2026/ferry.md", **FERRY | {"title": "Zebra escapes"} | WAYS[then])
    shown.build(after=MINUTE)
    public = all_that_is_public(shown)
    assert CORRECTED in public and "Ferry sinks" not in public and "zebra" not in public.casefold()


@in_every_way
def test_what_is_shown_again_is_seen_as_it_is_by_then(shown: Newsroom, way: str) -> None:
    shown.write("2026/ferry.md", **FERRY | {"title": "Zebra escapes"} | WAYS[way])
    shown.build(after=MINUTE)
    shown.write("2026/ferry.md", **FERRY | {"title": "Ferry floats"})
    shown.build(after=MINUTE)
    assert "Ferry floats" in shown.titles("harbour") and ("tag:ferry", "") not in taken_back(shown, "/feeds/harbour.atom")
    (shown.articles / "2026/ferry.md").unlink()
    shown.build(after=MINUTE)
    assert in_the_notice(shown) == (410, "Ferry floats")
    assert "<title>Ferry floats</title>" in shown.body("/partners/msn/harbour.rss")


@pytest.mark.parametrize("seen", [True, False], ids=["embargo over", "embargo over while the service was down"])
def test_what_came_out_by_time_alone_was_seen(shown: Newsroom, seen: bool) -> None:
    shown.write("2026/ferry.md", **FERRY | {"title": "Zebra escapes", "date": NOON + HOUR})
    shown.build(after=MINUTE)
    if seen:
        shown.build(after=HOUR)
        assert "Zebra escapes" in shown.titles()
    shown.write("2026/ferry.md", **FERRY | {"title": "Two zebras", "draft": True})
    shown.build(after=DAY)
    assert in_the_notice(shown) == (410, "Zebra escapes" if seen else "Ferry sinks")


def test_what_came_out_while_the_service_was_down_and_went_again_is_known_to_nobody(shown: Newsroom) -> None:
    shown.write("2026/zebra.md", title="Zebra escapes", date=NOON + HOUR, topics=["Zebra"])
    shown.build(after=MINUTE)
    shown.write("2026/zebra.md", title="Zebra escapes", draft=True, topics=["Zebra"])
    shown.begin()
    shown.build(after=DAY)
    assert "zebra" not in shown.everything().casefold()
    assert shown.client().get("/articles/zebra").status_code == 404


@pytest.mark.parametrize("then", [None, "deleted", "draft", "changed"])
def test_what_was_due_and_over_while_the_service_was_down_is_known_to_nobody(shown: Newsroom, then: str | None) -> None:
    zebra = {"title": "Zebra escapes", "topics": ["Zebras", "HARBOUR"], "date": NOON + HOUR, "expires": NOON + 2 * HOUR}
    shown.write("2026/zebra.md", **zebra)
    shown.build(after=MINUTE)
    shown.begin()
    if then == "deleted":
        (shown.articles / "2026/zebra.md").unlink()
    elif then:
        shown.write("2026/zebra.md", **zebra | ({"draft": True} if then == "draft" else {"title": "Two zebras"}))
    shown.build(after=DAY)
    shown.build(after=MINUTE)
    assert "zebra" not in shown.everything().casefold()
    assert shown.client().get("/articles/zebra").status_code == 404


@in_every_way
def test_an_expired_article_is_seen_as_it_was_until_then(newsroom: Newsroom, way: str) -> None:
    newsroom.write("site.toml", SITE)
    newsroom.write("2026/ferry.md", **FERRY | {"expires": NOON + HOUR})
    newsroom.build()
    newsroom.build(after=2 * HOUR)
    changed = UNSEEN | {"id": FERRY["id"]} | ({"title": FERRY["title"]} if way == "retracted" else {})
    newsroom.write("2026/ferry.md", **FERRY | changed | {"expires": NOON + HOUR} | (WAYS[way] if way != "embargoed" else {}))
    newsroom.build(after=MINUTE)
    assert "zebra" not in all_that_is_public(newsroom).casefold()
    assert in_the_notice(newsroom) == (410, "Ferry sinks")
    assert all("Ferry sinks" in newsroom.body(path) for path in DIGESTS) is (way in ("expired", "embargoed"))


def test_an_expiry_that_is_set_in_the_past_takes_an_article_back_from_msn_for_30_days(shown: Newsroom) -> None:
    shown.write("2026/ferry.md", **FERRY | {"date": NOON - YEAR, "expires": NOON - 60 * DAY})
    shown.build(after=MINUTE)
    takedown = f"end={datetime.isoformat(NOON + MINUTE)[:19]}Z"
    assert takedown in shown.body("/partners/msn/harbour.rss")
    shown.build(after=29 * DAY)
    assert takedown in shown.body("/partners/msn/harbour.rss")
    assert shown.build(after=DAY).generation and takedown not in shown.body("/partners/msn/harbour.rss")


@hinted_or_scanned
def test_a_draft_takes_no_former_address_from_an_article_that_readers_see(shown: Newsroom, hinted: bool) -> None:
    shown.write("2026/other.md", topics=["Harbour"], date=NIGHT, slug="another")
    build(shown, "2026/other.md", hinted=hinted)
    shown.write("2026/ferry.md", **FERRY | {"slug": "other", "draft": True})
    build(shown, "2026/ferry.md", hinted=hinted)
    answer = shown.client().get("/articles/other")
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://feeds.example/articles/another")
    assert in_the_notice(shown) == (410, "Ferry sinks")


@pytest.mark.parametrize("hide", [lambda newsroom: None, lambda newsroom: newsroom.begin()], ids=["running", "restarted"])
def test_a_draft_that_moves_is_gone_where_it_was_seen(shown: Newsroom, hide: Callable[[Newsroom], None]) -> None:
    shown.write("2026/moved.md", title="Moves away", date=NIGHT, topics=["Harbour"])
    shown.build(after=MINUTE)
    move(shown, "2026/moved.md", "zebra/zebra.md")
    shown.write("zebra/zebra.md", title="Moves away", draft=True)
    shown.build(after=MINUTE)
    hide(shown)
    shown.build(after=MINUTE)
    assert in_the_notice(shown, "moved") == (410, "Moves away")
    assert shown.client().get("/articles/zebra").status_code == 404
    assert "zebra" not in shown.everything()
