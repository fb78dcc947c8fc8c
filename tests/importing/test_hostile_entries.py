"""One entry of a file, whatever is in it, costs none of the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.importing import detect
from feedsvc.model.site import Site
from support.live import feedsvc

SITE = Site(title="The Quay Gazette", timezone="Europe/London", url="https://quay.example/")
DEEP = "<i>" * 200 + "x"
MANY = "<i>x</i>" * 50_001
SAID = "entry 2: there are more than 100,000 tags"
NASTY = [
    *("", " ", "x", "0", "-1", "\\", "/", "//", "?", "#", "%ff", "%00", "a/b", "../x", "x" * 3_000, "é", "\u202e", "\ufffe"),
    *("http://[", "https://[::1/x", "https://x:99999999/", "https://\u2100.example/", "https://a@b/<x>.jpg", "//x.jpg", "x.jpg"),
    *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00", "2026-02-30", "2026-05-21", "99999999999999999999"),
    *("Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +1400", "Thu, 21 May 2026 09:00:00 GMT"),
    *(DEEP, "<" * 300, "&#99999999;", "&#xd800;", "&" * 20, "<!--", "<script>", "</p>", "<img src=x alt='", "]]>", "<table><td>"),
    *("[caption", "[gallery ids='1,x']", "[caption]<img src=x>[/caption]", "[[x]]", "en-GB", "x" * 40, "text/html", "draft"),
]
words = st.sampled_from(NASTY) | st.text(max_size=20)
# What XML can hold; what else is in a file costs the whole of it, and is named with its line.
in_xml = words.map(lambda text: escape("".join(one for one in text if one in "\n\t" or one.isprintable())))
values = words | st.none() | st.booleans() | st.integers() | st.just("\ud800")
in_json = values | st.lists(values, max_size=2)


def tables(*keys: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(keys, in_json))


def elements(*names: str) -> st.SearchStrategy[str]:
    one = st.tuples(st.sampled_from(names), in_xml).map(lambda said: f"<{said[0]}>{said[1]}</{said[0].split()[0]}>")
    return st.lists(one, max_size=8, unique_by=lambda text: text.split(">")[0]).map("".join)


def good(number: int) -> str:
    date = "<pubDate>Thu, 21 May 2026 09:00:00 GMT</pubDate><wp:post_date>2026-05-21 09:00:00</wp:post_date>"
    return f"<title>Good {number}</title><guid>good-{number}</guid><description>Words.</description>{date}"


def in_rss(bad: str) -> bytes:
    names = {
        "content": "http://purl.org/rss/1.0/modules/content/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "media": "http://search.yahoo.com/mrss/",
        "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
        "podcast": "https://podcastindex.org/namespace/1.0",
    }
    spaces = " ".join(f"xmlns:{key}='{name}'" for key, name in names.items())
    items = "".join(f"<item>{one}</item>" for one in (good(1), bad, good(2)))
    return f"<rss version='2.0' {spaces} xmlns:wp='x'><channel><title>T</title>{items}</channel></rss>".encode()


def in_wordpress(bad: str) -> bytes:
    wp = "http://wordpress.org/export/1.2/"
    return in_rss(bad).replace(b"xmlns:wp='x'", f"xmlns:wp='{wp}' xmlns:excerpt='{wp}excerpt/'".encode())


def in_ghost(bad: dict[str, Any]) -> bytes:
    date = "2026-05-21T09:00:00Z"
    posts = [{"id": f"good-{number}", "title": f"Good {number}", "html": "Words.", "published_at": date} for number in (1, 2)]
    meta = [{**bad, "post_id": "bad"}]
    return json.dumps({"data": {"posts": [posts[0], {**bad, "id": "bad"}, posts[1]], "posts_meta": meta}}).encode()


def in_json_feed(bad: dict[str, Any]) -> bytes:
    date = "2026-05-21T09:00:00Z"
    items = [{"id": f"{number}", "title": f"Good {number}", "content_text": "Words.", "date_published": date} for number in (1, 2)]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [items[0], bad, items[1]]}).encode()


def read(data: bytes) -> detect.Batch:
    """The batch, which can be sent on as it is."""
    batch = detect.read_import("file", data, SITE, detect.ImportOptions())
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(batch), type=detect.Batch) == batch
    titles = [article.title for _, article in batch.articles]
    assert {"Good 1", "Good 2"} <= set(titles), batch.faults
    return batch


ENTRIES: dict[str, tuple[Callable[[Any], bytes], st.SearchStrategy[Any]]] = {
    "RSS": (
        in_rss,
        elements(
            *("title", "link", "guid", "description", "author", "dc:creator", "pubDate", "category", "dc:date"),
            *("content:encoded", "media:content medium='image' url='http://['", "media:thumbnail", "enclosure"),
            *("enclosure url='http://[' type='audio/mpeg'", "enclosure url='a.mp3' type='&lt;' length='-1'"),
            *("media:content type='audio/mpeg' duration='1e9' url='a.mp3'", "media:content url='//[.mp4'"),
            *("itunes:duration", "itunes:episode", "itunes:season", "itunes:episodeType", "itunes:explicit"),
            "podcast:transcript url='http://['",
        ),
    ),
    "WordPress": (
        in_wordpress,
        elements(
            *("title", "link", "guid", "dc:creator", "content:encoded", "excerpt:encoded", "category domain='category'"),
            *("wp:post_id", "wp:post_date", "wp:post_date_gmt", "wp:post_modified", "wp:post_modified_gmt", "wp:post_name"),
            *("wp:status", "wp:attachment_url", "wp:post_parent", "wp:post_password"),
        ),
    ),
    "Ghost": (
        in_ghost,
        tables(
            *("title", "slug", "html", "plaintext", "feature_image", "feature_image_alt", "feature_image_caption"),
            *("custom_excerpt", "canonical_url", "published_at", "updated_at", "locale", "status", "visibility", "type"),
        ),
    ),
    "JSON Feed": (
        in_json_feed,
        st.builds(
            lambda entry, attachment, newsroom: {"attachments": [attachment], **entry, "_newsroom": newsroom},
            tables(
                *("id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image"),
                *("date_published", "date_modified", "authors", "author", "tags", "language", "attachments"),
            ),
            tables("url", "mime_type", "size_in_bytes", "duration_in_seconds", "title").map(
                lambda said: {"mime_type": "audio/mpeg", **said}
            ),
            tables("claim", "story", "key_points", "why_it_matters", "what_it_means", "retracted").flatmap(
                lambda said: tables("date", "text").map(lambda one: {**said, "corrections": [one]})
            ),
        ),
    ),
}


@pytest.mark.parametrize("kind", ENTRIES)
def test_an_entry_of_anything_leaves_the_others(kind: str) -> None:
    write, entries = ENTRIES[kind]

    @given(entries)
    def check(entry: Any) -> None:
        read(write(entry))

    check()


@pytest.mark.parametrize(
    "data",
    [
        in_rss(f"<title>{escape(MANY)}</title>"),
        in_wordpress(f"<title>{escape(MANY)}</title>"),
        in_wordpress(f"<title>T</title><category domain='category'>{escape(MANY)}</category>"),
        in_ghost({"title": "T", "feature_image": "x.jpg", "feature_image_caption": MANY}),
    ],
    ids=["a title", "a title of WordPress's", "a topic", "a caption"],
)
def test_a_hostile_entry_is_named_and_passed_over(data: bytes) -> None:
    batch = read(data)
    assert len(batch.articles) == 2
    [fault] = [fault.reason for fault in batch.faults if not fault.warning]
    assert fault == SAID


def test_a_picture_that_can_not_be_read_is_named_and_passed_over() -> None:
    attachment = "<wp:post_type>attachment</wp:post_type><wp:post_id>9</wp:post_id><wp:attachment_url>{}</wp:attachment_url>{}"
    excerpt = f"<excerpt:encoded>{escape(MANY)}</excerpt:encoded>"
    batch = read(in_wordpress(attachment.format("https://x.example/x.jpg", excerpt)))
    assert len(batch.articles) == 2
    assert [str(fault) for fault in batch.faults] == ['file: warning: picture "9": there are more than 100,000 tags']
    assert read(in_wordpress(attachment.format("https://[x.jpg", ""))).faults == ()


def test_an_address_that_is_none_is_left_out() -> None:
    batch = read(in_wordpress("<title>T</title><link>https://[::1/x</link><content:encoded>A</content:encoded>"))
    assert [(article.title, article.link, article.aliases) for _, article in batch.articles][1] == ("T", None, ())


def test_import_takes_the_rest_of_a_file_with_a_hostile_title(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "feed.xml").write_bytes(in_rss(f"<title>{escape(MANY)}</title>"))
    ended = feedsvc("import", "feed.xml", folder=tmp_path)
    assert ended.returncode == 1
    assert ended.stdout.splitlines() == ["articles/2026-05-21-good-1.md", "articles/2026-05-21-good-2.md"]
    assert ended.stderr.splitlines() == [f"feed.xml: {SAID}"]
