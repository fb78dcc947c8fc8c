"""A feed that names an author by whom there is no article: a warning as long as that is so, in the status and by `check`."""

from __future__ import annotations

from feedsvc.builder.check import check
from feedsvc.model.site import SITE_FILE
from support.live import NOON, PUBLIC_URL, Newsroom

SITE = """[site]
title = "Gazette"
[authors.ada-keel]
aliases = ["A. Keel"]
[feeds.some]
authors = ["A. Keel", "Ben Oars"]
"""
REASON = '[feeds.some] authors names "Ben Oars", by whom there is no article'


def told(newsroom: Newsroom) -> list[str]:
    newsroom.build()
    return [fault.reason for fault, _ in newsroom.store.faults() if fault.path == SITE_FILE]


def test_the_warning_follows_what_there_is(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", SITE)
    newsroom.write("sport/win.md", title="Win", authors=["Ada Keel"])
    assert told(newsroom) == [REASON]
    newsroom.write("sport/loss.md", title="Loss", authors=["Ben Oar"])
    assert told(newsroom) == [f'{REASON}; did you mean "ben-oar"?']
    newsroom.write("sport/draw.md", title="Draw", authors=["Ben Oars"])
    assert told(newsroom) == []
    newsroom.begin()
    (newsroom.articles / "sport/draw.md").unlink()
    assert told(newsroom) == [f'{REASON}; did you mean "ben-oar"?']
    newsroom.write("site.toml", SITE.replace('"A. Keel", "Ben Oars"', '"A. Keel"'))
    assert told(newsroom) == []


def test_check_says_so(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", SITE)
    newsroom.write("sport/loss.md", title="Loss", authors=["Ben Oar"])
    faults = check(newsroom.articles, (), PUBLIC_URL, NOON).faults
    assert f'{REASON}; did you mean "ben-oar"?' in [fault.reason for fault in faults]


def test_an_authors_feed_takes_every_name_of_theirs(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", SITE)
    newsroom.write("sport/win.md", title="Win", authors=["ADA KEEL"])
    newsroom.build()
    assert [item["title"] for item in newsroom.client().get("/feeds/some.json").json["items"]] == ["Win"]
