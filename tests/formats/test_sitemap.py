"""The news sitemap, and robots.txt, which names it."""

from __future__ import annotations

from dataclasses import replace
from urllib.robotparser import RobotFileParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.formats import robots, sitemap
from feedsvc.formats.sitemap import NEWS, SITEMAP
from support.newsroom import ADDRESSES, FULL, HOSTILE, PLAIN, SITE, entries, hostile_entry, make_entry


def urls(*entries, site=SITE):
    return etree.fromstring(whole(*entries, site=site)).findall(f"{SITEMAP}url")


def whole(*entries, site=SITE):
    return sitemap.whole([sitemap.entry(entry, site) for entry in entries], ADDRESSES)


def texts(url):
    return {child.tag.rpartition("}")[2]: child.text for child in url.iter() if not len(child)}


def test_an_article_is_told_with_its_publication_date_and_bare_title():
    (url,) = urls(make_entry(FULL))
    assert texts(url) == {
        "loc": "https://feeds.quay.example/articles/ferry-later",
        "name": "The Quay Gazette",
        "language": "en",
        "publication_date": "2026-05-21T09:00:00Z",
        "title": "Ferry to run later on Fridays",
    }


def test_the_elements_stand_where_the_schemas_want_them():
    document = whole(make_entry(PLAIN))
    assert document.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<urlset ")
    root = etree.fromstring(document)
    (url,) = root
    assert (root.tag, url.tag) == (f"{SITEMAP}urlset", f"{SITEMAP}url")
    assert [child.tag for child in url] == [f"{SITEMAP}loc", f"{NEWS}news"]
    assert [child.tag for child in url[1]] == [f"{NEWS}publication", f"{NEWS}publication_date", f"{NEWS}title"]
    assert [child.tag for child in url[1][0]] == [f"{NEWS}name", f"{NEWS}language"]


def test_the_articles_stand_in_the_order_given():
    assert [texts(url)["title"] for url in urls(make_entry(PLAIN), make_entry(FULL))] == [PLAIN.title, FULL.title]


def test_without_news_it_lists_the_home_page_for_the_schema_forbids_an_empty_list():
    assert [texts(url) for url in urls()] == [{"loc": "https://feeds.quay.example/"}]


def test_an_article_in_another_language_says_so():
    (url,) = urls(make_entry(replace(PLAIN, language="cy")))
    assert texts(url)["language"] == "cy"


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("EN", "en"),
        ("sr-Latn-RS", "sr"),
        ("gsw", "gsw"),
        ("zh", "zh-cn"),
        ("zh-CN", "zh-cn"),
        ("zh-SG", "zh-cn"),
        ("zh-Hans", "zh-cn"),
        ("zh-Hans-HK", "zh-cn"),
        ("zh-TW", "zh-tw"),
        ("zh-HK", "zh-tw"),
        ("zh-MO", "zh-tw"),
        ("zh-Hant", "zh-tw"),
        ("zh-Hant-CN", "zh-tw"),
    ],
)
def test_a_language_is_an_iso_639_code_and_chinese_one_of_two(tag, code):
    assert sitemap.language(tag) == code


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The Quay Gazette", "The Quay Gazette"),
        ("The Quay Gazette (subscription)", "The Quay Gazette"),
        ("The (old) Quay (blog) Gazette", "The Quay Gazette"),
        ("The Quay Gazette (a (very) good one)", "The Quay Gazette"),
        ("(Quay)", "(Quay)"),
        ("Quay :)", "Quay :)"),
    ],
)
def test_the_portals_name_leaves_out_what_is_in_brackets(title, name):
    assert sitemap.name(replace(SITE, title=title)) == name


def test_hostile_texts_stay_texts():
    (url,) = urls(hostile_entry(), site=replace(SITE, title=HOSTILE.replace("(", "").replace(")", "")))
    assert texts(url)["title"] == HOSTILE
    assert texts(url)["name"].startswith("]]> <script>")


def test_two_articles_with_one_link_are_listed_once_the_first_of_them():
    url = "https://quay.example/live"
    assert [texts(url)["title"] for url in urls(make_entry(PLAIN, url=url), make_entry(FULL, url=url))] == [PLAIN.title]


@given(st.lists(entries(), max_size=3))
def test_any_articles_make_a_whole_document(found):
    some = [replace(entry, url=f"{entry.url}{number}") for number, entry in enumerate(found)]
    assert [texts(url).get("title") for url in urls(*some)] == ([entry.article.title for entry in some] or [None])


def test_robots_names_the_sitemaps_and_forbids_nothing():
    written = robots.whole(ADDRESSES).decode()
    parser = RobotFileParser()
    parser.parse(written.splitlines())
    assert parser.site_maps() == ["https://feeds.quay.example/sitemap.xml", "https://feeds.quay.example/sitemap-news.xml"]
    assert parser.can_fetch("Googlebot-News", "https://feeds.quay.example/articles/ferry-later")
