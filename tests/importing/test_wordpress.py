"""Moving here from WordPress: an export comes out as it was, what was not public stays so, and nothing is left out unsaid."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.importing import detect
from feedsvc.importing.wordpress_text import as_html
from feedsvc.model.article import Article
from feedsvc.model.site import Site
from support.live import Newsroom, feedsvc

LONDON = Site(title="The Quay Gazette", timezone="Europe/London", language="en-GB")
HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- This is a file of a site's content. -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/{0}/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/{0}/">
<channel><title>The Quay</title><link>https://quay.example</link><language>en-GB</language><wp:wxr_version>{0}</wp:wxr_version>
<wp:author><wp:author_id>1</wp:author_id><wp:author_login><![CDATA[ada]]></wp:author_login>
<wp:author_email>ada@quay.test</wp:author_email><wp:author_display_name><![CDATA[Ada Keel]]></wp:author_display_name></wp:author>
"""


def item(content: str = "It rings at high tide.", extra: str = "", **said: str) -> str:
    given = {
        "title": "The lock keeper’s bell",
        "link": "https://quay.example/2019/05/bell/",
        "guid": "https://quay.example/?p=7",
        "name": "bell",
        "date": "2019-05-21 10:00:00",
        "gmt": "2019-05-21 09:00:00",
        "changed": "2019-05-22 08:00:00",
        "status": "publish",
        "type": "post",
        "id": "7",
        "excerpt": "",
        "password": "",
    } | said
    return f"""<item><title>{given["title"]}</title><link>{given["link"]}</link><dc:creator><![CDATA[ada]]></dc:creator>
<guid isPermaLink="false">{given["guid"]}</guid><description></description>
<content:encoded><![CDATA[{content}]]></content:encoded><excerpt:encoded><![CDATA[{given["excerpt"]}]]></excerpt:encoded>
<wp:post_id>{given["id"]}</wp:post_id><wp:post_date>{given["date"]}</wp:post_date><wp:post_date_gmt>{given["gmt"]}</wp:post_date_gmt>
<wp:post_modified_gmt>{given["changed"]}</wp:post_modified_gmt><wp:post_name>{given["name"]}</wp:post_name>
<wp:status>{given["status"]}</wp:status><wp:post_type>{given["type"]}</wp:post_type>
<wp:post_password>{given["password"]}</wp:post_password>{extra}</item>"""


def export(*items: str, version: str = "1.2") -> bytes:
    return f"{HEAD.format(version)}{''.join(items)}</channel></rss>".encode()


def imported(*items: str, version: str = "1.2", site: Site = LONDON) -> detect.Batch:
    return detect.read_import("export.xml", export(*items, version=version), site, detect.ImportOptions())


def only(*items: str, **said: str) -> Article:
    ((_, article),) = imported(*items, **said).articles
    return article


def link(address: str) -> str:
    return f'<p><a href="{address}">{address}</a></p>'


TERMS = """<category domain="category" nicename="harbour"><![CDATA[Harbour &amp; Town]]></category>
<category domain="category" nicename="uncategorized"><![CDATA[Uncategorized]]></category>"""
PICTURE = item(
    type="attachment",
    status="inherit",
    id="9",
    excerpt="Photograph: A. Keel",
    extra="<wp:attachment_url>https://quay.example/up/bell.jpg</wp:attachment_url><wp:post_parent>7</wp:post_parent><wp:postmeta>"
    "<wp:meta_key>_wp_attachment_image_alt</wp:meta_key><wp:meta_value><![CDATA[A bell]]></wp:meta_value></wp:postmeta>",
)
LEAD = "<wp:postmeta><wp:meta_key><![CDATA[_thumbnail_id]]></wp:meta_key><wp:meta_value><![CDATA[9]]></wp:meta_value></wp:postmeta>"


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_a_post_keeps_what_readers_know_it_by(version: str) -> None:
    article = only(PICTURE, item(excerpt="A bell at the lock.", extra=TERMS + LEAD), version=version)
    assert (article.id, article.slug) == ("https://quay.example/?p=7", "bell")
    assert article.link == "https://quay.example/2019/05/bell/"
    assert article.date == datetime(2019, 5, 21, 9, tzinfo=UTC)
    assert article.updated == datetime(2019, 5, 22, 8, tzinfo=UTC)
    assert article.authors == ("Ada Keel",)
    assert article.topics == ("Harbour & Town",)
    assert article.standfirst == "A bell at the lock."
    assert article.image is not None
    assert (article.image.src, article.image.alt) == ("https://quay.example/up/bell.jpg", "A bell")
    assert (article.image.credit, article.draft) == ("Photograph: A. Keel", False)
    assert article.aliases == ("/2019/05/bell",)


def test_an_old_slug_is_an_address_too() -> None:
    old = "<wp:postmeta><wp:meta_key>_wp_old_slug</wp:meta_key><wp:meta_value>gong</wp:meta_value></wp:postmeta>"
    assert only(item(extra=old)).aliases == ("/2019/05/bell", "/2019/05/gong")
    assert only(item(extra=old, link="https://quay.example/?p=7")).aliases == ()


@pytest.mark.parametrize("ids", ["", ' ids="9"', ' ids="9,1"'])
def test_a_gallery_shows_its_pictures_or_all_of_the_post(ids: str) -> None:
    assert '<img src="https://quay.example/up/bell.jpg" alt="A bell">' in only(PICTURE, item(f"One.\n\n[gallery{ids}]")).body


def test_an_old_post_has_the_time_of_the_site() -> None:
    article = only(item(gmt="0000-00-00 00:00:00"))
    assert article.date == datetime(2019, 5, 21, 10, tzinfo=ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    "said",
    [
        {"status": "draft", "gmt": "0000-00-00 00:00:00"},
        {"status": "pending"},
        {"status": "private"},
        {"password": "low tide"},
    ],
)
def test_what_was_not_public_is_a_draft(said: dict[str, str]) -> None:
    article = only(item(**said))
    assert (article.draft, article.date, article.link) == (True, None, None)


def test_a_post_planned_for_later_is_embargoed() -> None:
    article = only(item(status="future", gmt="2090-05-21 09:00:00"))
    assert article.date == datetime(2090, 5, 21, 9, tzinfo=UTC)


def test_what_is_left_out_is_counted() -> None:
    batch = imported(PICTURE, item(), item(type="page"), item(type="page"), item(type="nav_menu_item"), item(status="trash"))
    assert len(batch.articles) == 1
    (fault,) = batch.faults
    assert fault.warning
    assert fault.reason.endswith("left out: page (2), nav_menu_item (1), trash (1)")


def test_a_slug_is_decoded() -> None:
    assert only(item(name="%d0%bf%d1%80%d0%b8%d0%bb%d0%b8%d0%b2")).slug == "прилив"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One.\n\nTwo,\nand on.", "<p>One.</p>\n<p>Two,<br>\nand on.</p>"),
        ("One.\r\n\r\nTwo.", "<p>One.</p>\n<p>Two.</p>"),
        ("<h2>Then</h2>\n\nTwo.", "<h2>Then</h2>\n<p>Two.</p>"),
        ("<pre>a\n\nb</pre>\n\nTwo.", "<pre>a\n\nb</pre>\n<p>Two.</p>"),
        ("<pre>a\n\nb", "<pre>a\n\nb"),
        ("<!-- wp:group -->\n<p>One.</p>\n\nTwo.", "<!-- wp:group -->\n<p>One.</p>\n\nTwo."),
        ("It was [sic] so [1].", "<p>It was [sic] so [1].</p>"),
        ("Write [[gallery]] there.", "<p>Write [gallery] there.</p>"),
        (
            '[caption id="a_9" align="left" width="300"]<img src="https://q.example/a.jpg" alt="A"> By the lock[/caption]\n\nTwo.',
            '<figure><img src="https://q.example/a.jpg" alt="A"><figcaption>By the lock</figcaption></figure>\n<p>Two.</p>',
        ),
        (
            '[caption width="300" caption="By the lock"]<a href="/x"><img src="https://q.example/a.jpg"></a>[/caption]',
            '<figure><a href="/x"><img src="https://q.example/a.jpg"></a><figcaption>By the lock</figcaption></figure>',
        ),
        ("[embed]https://v.example/1?a=1&amp;b=2[/embed]", link("https://v.example/1?a=1&amp;b=2")),
        ('[video mp4="https://v.example/1.mp4"][/video]', link("https://v.example/1.mp4")),
        ("[youtube=https://v.example/1]", link("https://v.example/1")),
        ("[youtube https://v.example/1]", link("https://v.example/1")),
        ("One.\n\nhttps://v.example/1\n\nTwo.", f"<p>One.</p>\n{link('https://v.example/1')}\n<p>Two.</p>"),
        ('[gallery ids="9,10"]', "(9)(10)"),
    ],
)
def test_a_text_is_what_wordpress_shows(text: str, html: str) -> None:
    made, lost = as_html(text, lambda ids: "".join(f"({id})" for id in ids))
    assert made.replace("<p>(9)(10)</p>", "(9)(10)") == html
    assert lost == ()


@pytest.mark.parametrize(
    ("text", "html", "lost"),
    [
        ('One [contact-form to="a@b.test"] two.', "<p>One  two.</p>", ("contact-form",)),
        ("[box]The tide[/box]", "<p>The tide</p>", ("box",)),
        ('[gallery columns="3"]', "", ("gallery",)),
    ],
)
def test_a_shortcode_that_has_no_meaning_here_is_named(text: str, html: str, lost: tuple[str, ...]) -> None:
    assert as_html(text) == (html, lost)


def test_lost_shortcodes_are_told_with_their_number() -> None:
    batch = imported(item('[poll id="3"] One.'), item('[poll id="4"]', guid="b", name="b"), item("Three", guid="c", name="c"))
    assert [fault.reason for fault in batch.faults] == [
        "shortcodes that have no meaning outside WordPress were taken out of so many articles: poll (2)"
    ]


@given(st.text("[]/= abcp\n<>\"'re", max_size=200))
def test_any_text_becomes_html(text: str) -> None:
    html, lost = as_html(text)
    assert isinstance(html, str)
    assert len(html) <= 20 * len(text) + 20
    assert all(lost)


@pytest.mark.parametrize("text", ["[a ", "[gallery ids=", "<pre>", "[caption]<img ", "[[", "[a]", "\n\n", "[a b='"])
def test_a_long_text_of_one_piece_takes_no_long_time(text: str) -> None:
    html, _ = as_html(text * 50_000)
    assert html is not None


def test_the_command_imports_an_export(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "export.xml").write_bytes(export(PICTURE, item(extra=TERMS), item(status="draft", guid="d", name="later")))
    result = feedsvc("import", "export.xml", folder=tmp_path)
    assert result.returncode == 0, result.stderr
    assert sorted(result.stdout.split()) == ["articles/harbour-town/2019-05-21-bell.md", "articles/later.md"]
    again = feedsvc("import", "export.xml", folder=tmp_path)
    assert (again.returncode, again.stdout) == (0, "")


def test_an_imported_post_is_published_as_it_was(newsroom: Newsroom, tmp_path: Path) -> None:
    source = tmp_path / "export.xml"
    source.write_bytes(export(item(), item(status="draft", guid="d", name="later", title="Later")))
    result = feedsvc("import", str(source), "--articles", str(newsroom.articles), folder=tmp_path)
    assert result.returncode == 0, result.stderr
    newsroom.build()
    (entry,) = newsroom.feed()["items"]
    assert (entry["id"], entry["date_published"]) == ("https://quay.example/?p=7", "2019-05-21T09:00:00Z")
    assert entry["url"] == "https://quay.example/2019/05/bell/"
