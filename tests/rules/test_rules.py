"""Every rule can fail, alone; and nothing that is served, and no edition that Hypothesis makes, breaks one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

import feedsvc.formats.opml
from feedsvc.formats import sitemap as news
from feedsvc.formats.table import FEEDS
from feedsvc.model.edition import Edition, Tombstone
from feedsvc.model.site import PARTNERS, Topic, story_slug
from feedsvc.model.urls import Urls, partner_path
from rules import atom, jsonfeed, newsrooms, opml, podcast, rss, sitemap
from rules.rule import NAMESPACES, complaints
from support.live import Answer, Service
from support.newsroom import ADDRESSES, NINE, SITE, TEN, entries, hostile_edition, hostile_entry, make_edition, make_entry, texts

BOOKS = {"atom": atom, "rss": rss, "opml": opml, "sitemap": sitemap, "podcast": podcast}
BY_TYPE = {
    "application/atom+xml; charset=utf-8": atom,
    "application/rss+xml; charset=utf-8": rss,
    "text/x-opml; charset=utf-8": opml,
    "application/xml; charset=utf-8": sitemap,
}
EVERY = [pytest.param(book, rule, id=f"{name}: {rule.name}") for name, book in BOOKS.items() for rule in book.RULES]


@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS)
def test_a_good_document_has_nothing_wrong(book):
    assert complaints(book.RULES, book.GOOD.encode()) == []


def test_a_good_archive_has_nothing_wrong():
    assert complaints(atom.RULES, atom.ARCHIVE.encode()) == []


@pytest.mark.parametrize(("book", "rule"), EVERY)
def test_each_rule_fails_alone(book, rule):
    assert rule.good in book.GOOD
    broken = book.GOOD.replace(rule.good, rule.bad, 1)
    found = complaints(book.RULES, broken.encode())
    assert found
    assert all(complaint.startswith(f"{rule.name}: ") for complaint in found)


def test_a_good_json_feed_has_nothing_wrong():
    assert jsonfeed.complaints(json.dumps(jsonfeed.GOOD).encode()) == []


@pytest.mark.parametrize(("complaint", "path", "value"), jsonfeed.BREAKS)
def test_each_rule_of_json_feed_fails_alone(complaint, path, value):
    feed = deepcopy(jsonfeed.GOOD)
    *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
    place = feed
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = None if value is ... else value
    (found,) = jsonfeed.complaints(json.dumps(feed).encode())
    assert found.startswith(complaint) or f": {complaint}" in found


# ---- what the formats make


def broken(edition: Edition) -> list[str]:
    """Everything that is wrong with an edition's documents."""
    site, shown = edition.site, edition.entries
    addresses = Urls(ADDRESSES.public_url, site)
    feeds = {form.name: form.whole(edition, [form.entry(entry, addresses) for entry in shown], addresses) for form in FEEDS}
    story = Topic(slug=story_slug("ferry"), name=edition.topic.name)
    return [
        *complaints(rss.RULES, feeds["rss"]),
        *complaints(atom.RULES, feeds["atom"]),
        *jsonfeed.complaints(feeds["json"]),
        *complaints(opml.RULES, feedsvc.formats.opml.whole(site, (edition.topic,), (story,), addresses)),
        *complaints(sitemap.RULES, news.whole([news.entry(entry, site) for entry in shown], addresses)),
    ]


GONE = Tombstone(id="story 17", title="Gone", url="https://quay.example/gone", published=NINE, since=TEN)


@pytest.mark.parametrize(
    "edition",
    [
        make_edition(),
        make_edition(make_entry()),
        make_edition(make_entry(), site=replace(SITE, hub="https://hub.example/"), gone=(GONE,), before="2026-04"),
        make_edition(make_entry(), site=replace(SITE, hub="https://hub.example/"), archive="2026-04-2", before="2026-04"),
        make_edition(make_entry(), site=replace(SITE, logo="https://quay.example/logo.svg", contact="", copyright="")),
        hostile_edition(hostile_entry()),
    ],
    ids=["empty", "one entry", "all that a live feed has", "an archive", "a logo that RSS has no place for", "hostile"],
)
def test_editions_of_every_kind_keep_every_rule(edition):
    assert broken(edition) == []


def as_of_one_feed(found):
    """Entries as the ledger would have them: no two at one address, none changed before it was published."""
    return [
        replace(entry, url=f"{entry.url}&n={number}", updated=max(entry.published, entry.updated))
        for number, entry in enumerate(found)
    ]


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(entries(), max_size=3, unique_by=lambda entry: entry.id).map(as_of_one_feed), texts(1), texts())
def test_any_edition_keeps_every_rule(found, name, description):
    site = replace(SITE, title=name, tagline=description, description=description, copyright=description)
    assert broken(make_edition(*found, site=site, topic=Topic(slug="any", name=name, description=description))) == []


# ---- what is served


def listed(service: Service) -> list[str]:
    """The addresses of what there is to be read by machines: the lists, the feeds in them, and a digest's."""
    outlines = etree.fromstring(service.get("/feeds.opml").body).iter("outline")
    feeds = [outline.get("xmlUrl").removeprefix(service.url).removesuffix(".rss") for outline in outlines if outline.get("xmlUrl")]
    return ["/feeds.opml", "/sitemap-news.xml", *(f"{feed}.{form.name}" for feed in (*feeds, "/feeds/digest") for form in FEEDS)]


def faults(service: Service, path: str, answer: Answer) -> Iterator[str]:
    """Everything that is wrong with what is served at an address."""
    assert answer.status == 200, path
    kind = answer.headers["content-type"]
    if kind.startswith("application/feed+json"):
        found, own = jsonfeed.complaints(answer.body), [json.loads(answer.body)["feed_url"]]
    else:
        found = complaints(BY_TYPE[kind].RULES, answer.body)
        own = etree.fromstring(answer.body).xpath("//a:link[@rel='self']/@href", namespaces=NAMESPACES)
    yield from found
    yield from (f"it calls itself {address}" for address in own if address != service.url + path)


def further(service: Service, answer: Answer) -> list[str]:
    """The addresses of the archive that a feed says comes before it."""
    return re.findall(rf'(?:rel="prev-archive" href=|"next_url":)"{re.escape(service.url)}([^"]+)"', answer.text)


@pytest.mark.parametrize("furnish", [newsrooms.sample, newsrooms.empty, newsrooms.single, newsrooms.hostile])
def test_everything_that_is_served_keeps_every_rule(serve, tmp_path, furnish):
    furnish(tmp_path / "articles")
    service = serve().start()
    paths, found = listed(service), []
    if furnish is newsrooms.hostile:
        paths += [partner_path(partner, slug) for partner in PARTNERS for slug in ("all", "nobody", "long")]
    for path in paths:  # which grows, as archives are met
        answer = service.get(path)
        found += [f"{path}: {fault}" for fault in faults(service, path, answer)]
        paths += [one for one in further(service, answer) if one not in paths]
    assert found == []
    assert "ERROR feedsvc.articles" not in service.log, "every article is published"
    assert furnish is not newsrooms.sample or {"/feeds/all/2026-10.rss", "/feeds/all/2026-10.json"} <= set(paths)
