"""`[feeds.<name>]` of site.toml: what it says, and each fault with its line."""

from __future__ import annotations

import pytest

from feedsvc.articles.feeds_toml import KEYS, MAX_FEEDS
from feedsvc.articles.site_toml import read_site
from feedsvc.errors import SiteError
from feedsvc.model.article import ArticleKind
from feedsvc.model.feed import Feed, Text
from feedsvc.model.selection import Selection

TOPICS = '[topics.sport]\naliases = ["games"]\n[topics.opinion]\n[topics.fog]\nretired = true\n'
KINDS = ArticleKind.NEWS, ArticleKind.LETTER
PAID_FOR_APART = ArticleKind.NEWS, ArticleKind.ANALYSIS, ArticleKind.OPINION, ArticleKind.LETTER
FULL = """[site]
title = "The Quay"
entries_per_feed = 7

[feeds.sport-full]
title = "Sport for the ferry"
description = "All of it."
any = ["Games"]
all = ["sport"]
none = ["opinion"]
authors = ["Ada Keel"]
kinds = ["news", "letter"]
language = "en"
text = "summary"
entries = 5
hours = 48
partner = "msn"
link_query = "utm_source=ferry&utm_medium=rss"
protected = true

[feeds.plain]
"""


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(SiteError) as refused:
        read_site(text.encode())
    return [(fault.line, fault.reason) for fault in refused.value.faults]


def test_every_key_is_read() -> None:
    site, warnings = read_site((FULL + TOPICS).encode())
    whole, plain = site.feeds
    assert not warnings
    assert whole == Feed(
        slug="feed/sport-full",
        title="Sport for the ferry",
        description="All of it.",
        chosen=Selection(any=("sport",), all=("sport",), none=("opinion",), authors=("Ada Keel",), kinds=KINDS, language="en"),
        text=Text.SUMMARY,
        entries=5,
        hours=48,
        partner="msn",
        link_query="utm_source=ferry&utm_medium=rss",
        protected=True,
    )
    assert plain == Feed(slug="feed/plain", title="Plain – The Quay", chosen=Selection(kinds=PAID_FOR_APART), entries=7)
    assert all(f"\n{key} = " in FULL for key in KEYS)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('[feeds.x]\ntext = "full"\nany = ["sprot"]', 3, '[feeds.x] any "sprot" is not a topic of this file; did you mean "sport"'),
        ('[feeds.x]\nnone = ["ferry"]', 2, '[feeds.x] none "ferry" is not a topic of this file; add [topics.ferry] if it is one'),
        ('[feeds.x]\nall = ["x"]', 2, "[feeds.x] all names the feed itself; a feed is made of topics"),
        ('[feeds.x]\nany = ["y"]\n[feeds.y]', 2, '[feeds.x] any "y" is not a topic of this file; add [topics.y] if it is one'),
        ('[feeds.x]\nany = ["fog"]', 2, '[feeds.x] any "fog" is a topic that has ended'),
        ("[feeds.x]\nany = []", 2, "[feeds.x] any is a list of topics, of one at least"),
        ('[feeds.x]\nauthors = ["Ada", 7]', 2, "[feeds.x] authors is a list of authors' names, of one at least"),
        ('[feeds.x]\nkinds = ["opinon"]', 2, "[feeds.x] kinds is a list of news, analysis, opinion, sponsored, letter"),
        ("[feeds.x]\nlanguage = 7", 2, '[feeds.x] language is a language tag such as "en-GB"'),
        ('[feeds.x]\ntext = "some"', 2, '[feeds.x] text is "full" or "summary"'),
        ("[feeds.x]\ntext = []", 2, '[feeds.x] text is "full" or "summary"'),
        ("[feeds.x]\nentries = 0", 2, "[feeds.x] entries is a number from 1 to 500"),
        ("[feeds.x]\nhours = 169", 2, "[feeds.x] hours is a number from 0 to 168"),
        ("[feeds.x]\nentries = true", 2, "[feeds.x] entries is a number from 1 to 500"),
        ('[feeds.x]\npartner = "nobody"', 2, "[feeds.x] partner is one of "),
        ('[feeds.x]\nlink_query = "a=b#c"', 2, "[feeds.x] link_query is what is added to addresses"),
        ('[feeds.x]\nlink_query = "?a=b"', 2, "[feeds.x] link_query is what is added to addresses"),
        ('[feeds.x]\nprotected = "yes"', 2, "[feeds.x] protected is true or false"),
        ('[feeds.x]\ntitle = ""', 2, "[feeds.x] title is a text in quotes"),
        ("[feeds.all]", 1, '[feeds.all] the feed "all" can\'t have this name, which is reserved'),
        ("[feeds.author]", 1, '[feeds.author] the feed "author" can\'t have this name, which is reserved'),
        ("[feeds.msn]", 1, '[feeds.msn] the feed "msn" can\'t have this name, which is reserved'),
        ("[feeds.games]", 1, '[feeds.games] the feed "games" has the name of a topic, "Sport", and so its addresses'),
        ('[feeds."A b"]', 1, '[feeds.A b] "A b" is no name of a feed: it has small letters, digits and hyphens, at most 60'),
        ('[feeds."../x"]', 1, '[feeds.../x] "../x" is no name of a feed'),
        ("feeds = 7", 1, "[feeds] is a table"),
        ("[feeds]\nx = 7", 2, "feeds.x is a table"),
        ('[topics.y]\nany = ["x"]\n[feeds.x]', 1, '[topics.y] a topic can\'t be made of "x", which is a feed'),
    ],
)
def test_a_fault_names_its_line(text: str, line: int, reason: str) -> None:
    ((found, said),) = faults(f"{text}\n{TOPICS}")
    assert (found, said[: len(reason)]) == (line, reason)


@pytest.mark.parametrize("key", ["password", "secret", "token", "api_key"])
def test_a_secret_is_refused_and_not_shown(key: str) -> None:
    (of_feed,) = faults(f'[feeds.sport-full]\n{key} = "hunter2 hunter2"\n')
    (of_site,) = faults(f'[site]\n{key} = "hunter2 hunter2"\n')
    assert of_feed[0] == of_site[0] == 2 and "hunter2" not in of_feed[1] + of_site[1]
    assert of_feed[1].endswith("set FEEDSVC_FEED_PASSWORD_SPORT_FULL instead")


def test_an_unknown_key_is_a_warning_and_there_are_not_more_feeds_than_a_builder_can_make() -> None:
    _, (warning,) = read_site(b"[feeds.x]\nentires = 7\n")
    assert (warning.line, warning.reason) == (2, 'unknown key "entires"; did you mean "entries"?')
    ((_, reason),) = faults("".join(f"[feeds.x{number}]\n" for number in range(MAX_FEEDS + 1)))
    assert reason == f"there are {MAX_FEEDS + 1} feeds; at most {MAX_FEEDS} are allowed"


@pytest.mark.parametrize(
    ("chosen", "taken"),
    [
        (Selection(), True),
        (Selection(any=("a", "x")), True),
        (Selection(any=("x", "y")), False),
        (Selection(all=("a", "b")), True),
        (Selection(all=("a", "x")), False),
        (Selection(none=("x",)), True),
        (Selection(none=("b",)), False),
        (Selection(authors=("ada keel",)), True),
        (Selection(authors=("Ada",)), False),
        (Selection(kinds=(ArticleKind.NEWS, ArticleKind.OPINION)), True),
        (Selection(kinds=(ArticleKind.NEWS,)), False),
        (Selection(language="DE"), True),
        (Selection(language="de-AT"), True),
        (Selection(language="de-DE"), False),
        (Selection(language="d"), False),
    ],
)
def test_a_selection_takes_what_is_all_that_it_asks_for(chosen: Selection, taken: bool) -> None:
    assert chosen.takes(("all", "a", "b"), ("Ben Oar", "Ada Keel"), ArticleKind.OPINION, "de-AT") is taken


@pytest.mark.parametrize(
    ("query", "url", "given"),
    [
        ("", "https://quay.example/a?b=c#d", "https://quay.example/a?b=c#d"),
        ("utm=x", "https://quay.example/a", "https://quay.example/a?utm=x"),
        ("utm=x", "https://quay.example/a?b=c#d", "https://quay.example/a?b=c&utm=x#d"),
    ],
)
def test_a_query_is_added_where_addresses_have_theirs(query: str, url: str, given: str) -> None:
    assert Feed(slug="feed/x", link_query=query).leads_to(url) == given
