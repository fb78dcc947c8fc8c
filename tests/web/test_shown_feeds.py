"""A feed that a browser opens in a window is shown: another type, the same bytes and tags (RFC 9110, 8.8.1 and 12.5.5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.formats import render
from feedsvc.formats.table import FEEDS
from feedsvc.web.responses import FEED_TYPES, SHOWN_TYPE
from support.asking import FEED, PAGE, TAGS, ask

ATOM = replace(FEED, content_type="application/atom+xml; charset=utf-8")


def test_the_types_that_are_shown_are_those_that_feeds_have() -> None:
    assert {form.content_type for form in FEEDS if form.name != "json"} | {render.OPML_TYPE} == FEED_TYPES


@pytest.mark.parametrize("accept", ["", "gzip", "br"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("feed", [FEED, ATOM])
def test_a_window_gets_the_same_under_a_type_that_it_shows(feed, method, accept) -> None:
    status, headers, body = ask(feed, method, Accept_Encoding=accept)
    shown_status, shown, shown_body = ask(feed, method, Accept_Encoding=accept, Sec_Fetch_Dest="document")
    assert (shown_status, shown_body) == (status, body)
    assert (headers["Content-Type"], shown["Content-Type"]) == (feed.content_type, SHOWN_TYPE)
    assert shown.pop("Content-Security-Policy").startswith("default-src 'none'; style-src 'self';")
    assert shown == headers | {"Content-Type": SHOWN_TYPE}
    assert headers["Vary"] == "Accept-Encoding, Sec-Fetch-Dest"


@pytest.mark.parametrize("destination", ["empty", "iframe", "style", "Document", "document, document", ""])
def test_whoever_opens_no_window_gets_a_feed(destination: str) -> None:
    assert ask(Sec_Fetch_Dest=destination) == ask()


def test_a_304_says_nothing_of_a_type_and_varies_alike() -> None:
    plain, shown = (ask(If_None_Match=TAGS["identity"], **more) for more in ({}, {"Sec_Fetch_Dest": "document"}))
    assert plain == shown
    assert (plain[0], plain[1]["Vary"]) == (304, "Accept-Encoding, Sec-Fetch-Dest") and "Content-Type" not in plain[1]


def test_what_is_no_feed_does_not_vary_by_it() -> None:
    assert ask(PAGE, Sec_Fetch_Dest="document") == ask(PAGE)
    assert ask(PAGE)[1]["Vary"] == "Accept-Encoding"
