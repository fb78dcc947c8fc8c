"""What pages say of themselves to search engines, and by which picture they are shared."""

from __future__ import annotations

import json
from dataclasses import replace

from lxml import html

from feedsvc.formats import front_page, pages, site_icons
from feedsvc.model.edition import Entry
from feedsvc.model.front import Front
from feedsvc.model.site import Site, Topic, story_slug
from feedsvc.model.urls import Urls
from support.newsroom import ADDRESSES, FULL, HOSTILE, PLAIN, SITE, make_edition, make_entry


def described(page: bytes) -> dict[str, dict]:
    found = html.fromstring(page).findall(".//script[@type='application/ld+json']")
    return {one["@type"]: one for one in (json.loads(script.text) for script in found)}


def home(site: Site, *entries: Entry) -> bytes:
    return front_page.home(Front(entries), (), Urls(ADDRESSES.public_url, site))


def shared(page: bytes) -> list[str]:
    return html.fromstring(page).xpath("//meta[@property='og:image']/@content")


def test_the_home_page_names_the_site_and_whose_it_is() -> None:
    said = described(home(SITE, make_entry()))
    assert said.keys() == {"WebSite", "NewsMediaOrganization"}
    assert (said["WebSite"]["name"], said["WebSite"]["url"]) == (SITE.title, "https://feeds.quay.example/")
    assert said["NewsMediaOrganization"]["url"] == "https://quay.example/"


def test_a_topic_and_an_article_say_where_they_stand() -> None:
    topic = Topic(slug="harbour", name=HOSTILE)
    said = described(pages.topic(replace(make_edition(make_entry()), topic=topic), ADDRESSES))
    trail = said["BreadcrumbList"]["itemListElement"]
    assert [(item["position"], item["name"]) for item in trail] == [(1, SITE.title), (2, HOSTILE)]
    trail = described(pages.article(make_entry(FULL), SITE, ADDRESSES))["BreadcrumbList"]["itemListElement"]
    assert trail[0]["item"] == "https://feeds.quay.example/" and trail[-1]["name"] == FULL.title and len(trail) == 3


def test_a_story_is_a_live_blog_of_its_articles() -> None:
    story = Topic(slug=story_slug("ferry"), name="The ferry")
    edition = replace(make_edition(make_entry(FULL), make_entry(PLAIN, id="urn:b")), topic=story)
    blog = described(pages.topic(edition, ADDRESSES))["LiveBlogPosting"]
    assert [update["headline"] for update in blog["liveBlogUpdate"]] == [FULL.title, PLAIN.title]
    assert blog["coverageStartTime"] == "2026-05-21T09:00:00Z" and blog["url"] == "https://feeds.quay.example/stories/ferry"
    assert "LiveBlogPosting" not in described(pages.topic(replace(edition, entries=()), ADDRESSES)), "nothing was said yet"


def test_every_page_is_shared_by_a_picture() -> None:
    assert shared(home(SITE, make_entry(PLAIN, id="urn:b"), make_entry(FULL))) == [FULL.image.src]
    icon = "https://feeds.quay.example/icon-512.png"
    assert shared(home(replace(SITE, logo=None), make_entry(PLAIN))) == [icon]
    assert shared(pages.not_found(SITE, ADDRESSES)) == [SITE.logo]
    drawing = replace(SITE, logo="https://quay.example/l.SVG?v=2")
    assert shared(pages.not_found(drawing, ADDRESSES)) == [icon], "no site shows a drawing"


def test_the_manifest_lies_below_the_public_urls_path() -> None:
    said = json.loads(site_icons.manifest(replace(SITE, logo=None, title=HOSTILE), "/news"))
    assert (said["name"], said["start_url"]) == (HOSTILE, "/news/")
    assert [icon["src"] for icon in said["icons"]] == ["/news/icon-192.png", "/news/icon-512.png"]
    assert json.loads(site_icons.manifest(SITE, ""))["icons"][0]["src"] == SITE.logo
