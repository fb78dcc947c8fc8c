"""Moving here: pages and feeds of others as articles that read, and are published, as they were."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import feedparser
import pytest
from feedgen.feed import FeedGenerator
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.articles import parsers
from feedsvc.articles.parsers.sanitise import sanitise, shows_something, visible
from feedsvc.errors import ArticleError, UsageError
from feedsvc.formats import jsonfeed
from feedsvc.importing import detect
from feedsvc.importing.filing import Filing
from feedsvc.importing.markdown_writer import written
from feedsvc.model.article import Article, Claim, Correction, Image
from feedsvc.model.site import Site
from feedsvc.text import one_line
from support.live import Newsroom, feedsvc, portal_pages
from support.newsroom import ADDRESSES, FILM, FULL, HOSTILE, SOUND, make_edition, make_entry

LONDON = Site(title="The Quay Gazette", timezone="Europe/London", language="en-GB")
NINE = datetime(2026, 5, 21, 9, tzinfo=UTC)
NOTHING = detect.ImportOptions()
PAGE = """Facebook
The Quay Gazette
Loading latest headlines…

Lock Keeper's *New* Bell

It rings at "high" tide -- and not before...

  • 1. One ring.
  • [Two] rings_and_more.

- The keeper wrote to desk@quay.example & waits.
# No heading, and <b>no</b> tag.
See https://quay.example/bell, he said.

Plain words need no mark.

Why this matters: Boats listen.

Get the news that matters.
"""


def read(text: str, path: str = "a.md", site: Site = LONDON) -> Article:
    return parsers.read(path, text.encode(), replace(ADDRESSES, site=site)).article


def imported(
    data: str | bytes, name: str = "feed.xml", wanted: detect.ImportOptions = NOTHING, site: Site = LONDON
) -> detect.Batch:
    return detect.read_import(name, data.encode() if isinstance(data, str) else data, site, wanted)


def only(data: str | bytes, name: str = "feed.xml", **said: detect.ImportOptions) -> Article:
    batch = imported(data, name, said.get("wanted", NOTHING))
    assert [fault for fault in batch.faults if not fault.warning] == []
    ((_, article),) = batch.articles
    return article


def reasons(data: str | bytes, name: str = "feed.xml") -> list[str]:
    try:
        return [str(fault) for fault in imported(data, name).faults]
    except ArticleError as error:
        return [str(fault) for fault in error.faults]


def rss(*entries: str, head: str = "", root: str = "") -> str:
    listed = "".join(f"<item>{entry}</item>" for entry in entries)
    return f'<?xml version="1.0"?>{head}<rss version="2.0"{root}><channel><title>T</title>{listed}</channel></rss>'


def entry(**tags: str) -> str:
    tags = {"title": "T", "description": "Text.", "pubDate": "Thu, 21 May 2026 09:00:00 +0000", **tags}
    return "".join(f"<{name}>{text}</{name}>" for name, text in tags.items() if text)


# ---- Article → file → the same Article

lines = st.text(st.characters(codec="utf-8"), max_size=60).map(one_line).filter(visible)
edgy = ["no", "2024", "~", "null", "- x", "a: b", "'", '"', "#x", "🦀 ok", "&a", "*b", "!c", "%d", "`f", "[g", "12:30", HOSTILE]
words = lines | st.sampled_from(edgy).map(one_line)
marks = st.text(st.sampled_from("ab*_`[]<>&#-+.!|~\"'\\:/@1 "), min_size=1, max_size=40).filter(visible)
moments = st.datetimes(datetime(1971, 1, 1), datetime(2099, 1, 1)).map(lambda told: told.replace(microsecond=0, tzinfo=UTC))
marked = st.text(st.sampled_from("ab \n\t*_`[]()<>&#-+.!|~\"'\\:/@1=^$w\xa0é🦀"), max_size=60)
html = st.lists(
    st.one_of(
        marked.map(lambda text: f"<p>{text.replace('&', '&amp;').replace('<', '&lt;')}</p>"),
        marked,
        marked.map(lambda text: f"<pre>{text}</pre>"),
        marked.map(lambda text: f'<ul><li>{text}</li></ul>\n\n<p><a href="https://x.example/" title="{text}">{text}</a>'),
    ),
    min_size=1,
    max_size=4,
)
bodies = html.map(lambda parts: sanitise("\n".join(parts), "https://quay.example/")[0]).filter(shows_something)


@settings(max_examples=150)
@given(title=words, id=words, standfirst=words, points=st.lists(words, max_size=3), body=bodies, date=moments, updated=moments)
def test_a_written_article_reads_as_it_was(
    title: str, id: str, standfirst: str, points: list[str], body: str, date: datetime, updated: datetime
) -> None:
    article = Article(
        title=title,
        slug="a",
        body=body,
        id=id,
        date=date,
        updated=updated,
        standfirst=standfirst,
        key_points=tuple(points),
        why_it_matters=f"{title}\n\n{standfirst}",
        what_it_means=standfirst,
        authors=tuple(points),
        image=Image(src="https://x.example/p.jpg", alt=title, caption=title, credit=standfirst),
        corrections=(Correction(date, standfirst),),
    )
    assert read(written(article, "a.md", LONDON.zone)) == article


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Africa/Monrovia"])
def test_every_field_survives_in_every_zone(zone: str) -> None:
    article = replace(
        FULL,
        image=Image(src="https://x.example/p.jpg"),
        id="4711",
        date=datetime(1971, 3, 28, 1, 30, tzinfo=UTC),
        expires=NINE,
        draft=True,
        topics=("Night life", "no"),
        link="https://x.example/?a=1&b=2",
        audio=SOUND,
        video=replace(FILM, type="video/webm"),
        breaking=True,
        breaking_until=NINE,
        claim=Claim.CONFIRMED,
        retracted="It was wrong.",
        language="cy",
        folder="night-life",
    )
    assert read(written(article, "b.md", ZoneInfo(zone)), "night-life/b.md") == article


def test_paragraphs_are_written_as_people_write_them_and_dates_as_clocks_show_them() -> None:
    body = "<p>Plain words.</p>\n<p>It's *not*.</p>\n<p>1. A--b, a@b.example.</p>"
    article = Article(title="T", slug="t", body=body, date=NINE)
    assert written(article, "2026-05-21-t.md", LONDON.zone) == (
        "---\ntitle: T\ndate: 2026-05-21T10:00:00+01:00\n---\nPlain words.\n\nIt\\'s \\*not\\*.\n\n<p>1. A--b, a@b.example.</p>\n"
    )


# ---- portal pages


def test_a_page_becomes_the_article_that_it_reads_as() -> None:
    article = only(PAGE, "page.txt", wanted=detect.ImportOptions("Harbour life", NINE))
    page = read(PAGE, "page.txt")
    assert article.title == "Lock Keeper's *New* Bell" and article.slug == "lock-keepers-new-bell"
    again = read(written(article, "x.md", LONDON.zone), "harbour-life/x.md")
    assert again == replace(page, slug=article.slug, date=NINE, topics=("Harbour life",), folder="harbour-life")


@given(st.lists(marks, min_size=4, max_size=6))
def test_a_page_of_any_marks_reads_the_same_from_its_file(parts: list[str]) -> None:
    page = "\n\n".join(parts)
    article = only(f"T{page}", "page.txt")
    assert read(written(article, "x.md", LONDON.zone)) == article


def test_the_portals_own_pages_read_the_same_from_their_files() -> None:
    for page in portal_pages():
        article = only(page.read_bytes(), page.name)
        assert read(written(article, "x.md", LONDON.zone)) == article


# ---- feeds


def test_ids_stay_as_they_are_written_and_else_are_the_link() -> None:
    base = ' xml:base="https://base.example/a/"'
    ids = ["4711", "http:///odd//one", "tag:x,2026:1", "https://x.example/?a=1&amp;b=2"]
    batch = imported(rss(*(entry(guid=id) for id in ids), entry(link="https://x.example/5"), entry(), root=base))
    assert [article.id for _, article in batch.articles] == [*(id.replace("&amp;", "&") for id in ids), "https://x.example/5", None]
    atom = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"{base}><entry><id>4711</id><title>T</title><summary>s</summary></entry></feed>'
    )
    assert only(atom).id == "4711"


def test_an_entry_of_rss_gives_all_that_it_says() -> None:
    spaces = (
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"'
    )
    more = (
        '<content:encoded><![CDATA[<p onclick="x">Full <a href="b">b</a><script>1</script></p>]]></content:encoded>'
        "<dc:creator>Ada</dc:creator><dc:creator>Ben</dc:creator><category>News/Harbour</category><category>all</category>"
        '<media:content url="p.jpg" medium="image"><media:description>Alt</media:description><media:credit>C</media:credit>'
        "</media:content><atom:updated>2026-05-22T01:00:00Z</atom:updated><dc:language>cy</dc:language>"
    )
    told = entry(title="Fish &amp;amp; chips", description="So &lt;b&gt;good&lt;/b&gt;", guid="1", link="https://x.example/a/")
    assert only(rss(told + more, root=spaces)) == Article(
        title="Fish & chips",
        slug="fish-chips",
        body='<p>Full <a href="https://x.example/a/b">b</a></p>',
        id="1",
        date=NINE,
        updated=NINE + timedelta(hours=16),
        authors=("Ada", "Ben"),
        topics=("News", "Harbour"),
        folder="news",
        standfirst="So good",
        link="https://x.example/a/",
        image=Image(src="https://x.example/a/p.jpg", alt="Alt", credit="C"),
        language="cy",
    )


def test_an_author_is_named_without_an_address_of_mail() -> None:
    assert only(rss(entry(author="ada@desk.example (Ada Keel)"))).authors == ("Ada Keel",)


@pytest.mark.parametrize(
    ("told", "title", "standfirst", "body"),
    [
        ({"description": "Only this."}, "T", "", "<p>Only this.</p>"),
        ({"title": "", "description": "First word. " * 20}, f"{'First word. ' * 6}First…", "", "<p>First"),
        ({"title": "&lt;b&gt;Bold&lt;/b&gt;"}, "Bold", "", "<p>Text.</p>"),
        ({"description": "&lt;h1&gt;H&lt;/h1&gt;&lt;img src='data:x'&gt;"}, "T", "", "<h2>H</h2>"),
    ],
)
def test_what_a_feed_leaves_out_is_made_of_what_it_says(told: dict[str, str], title: str, standfirst: str, body: str) -> None:
    article = only(rss(entry(**told)))
    assert (article.title, article.standfirst) == (title, standfirst)
    assert article.body.startswith(body)


def test_a_summary_that_a_program_cut_from_the_content_is_no_standfirst() -> None:
    def standfirst(summary: str) -> str:
        told = {"id": "1", "title": "T", "content_html": "<p>The tide came in.</p><p>It went.</p>", "summary": summary}
        return only(json.dumps({"version": "https://jsonfeed.org/version/1", "items": [told]})).standfirst

    cut = ("The tide came in. It went.", "The tide came…", "The tide [...]")
    assert [standfirst(summary) for summary in cut] == ["", "", ""]
    assert standfirst("The tide came.") == "The tide came."
    assert len(standfirst("word " * 5_000)) <= 1_000


def test_a_json_feed_of_another_gives_all_that_it_says() -> None:
    told = {
        "id": 4711,
        "external_url": "https://x.example/1",
        "title": "A & B",
        "content_text": "One.\n\nTwo <3\nlines.",
        "date_modified": "2026-05-21T10:00:00.123+01:00",
        "author": {"name": "Ada", "url": "https://ada.example/"},
        "tags": ["Harbour", {}, None],
        "attachments": [{"url": "https://x.example/p.png", "mime_type": "image/png"}],
    }
    article = only(json.dumps({"version": "https://jsonfeed.org/version/1", "language": "en-gb", "items": [told]}))
    assert article.body == "<p>One.</p>\n<p>Two &lt;3<br>lines.</p>"
    assert (article.id, article.title, article.date, article.updated) == ("4711", "A & B", NINE, None)
    assert (article.credits, article.topics, article.link) == ((("Ada", "https://ada.example/"),), ("Harbour",), "https://x.example/1")
    assert article.image == Image(src="https://x.example/p.png") and article.language is None


def test_our_own_json_feed_gives_the_articles_as_they_were() -> None:
    was = make_entry(FULL)
    feed = jsonfeed.whole(make_edition(was), [jsonfeed.entry(was, ADDRESSES)], ADDRESSES)
    batch = imported(feed, "feed.json", site=ADDRESSES.site)
    assert FULL.image is not None
    picture = replace(FULL.image, file=None, type=None, width=None, height=None, length=None)
    kept = replace(FULL, slug="ferry-to-run-later-on-fridays", image=picture, topics=("Harbour", "Council"), folder="harbour")
    assert [article for _, article in batch.articles] == [
        replace(kept, id=was.id, date=was.published, updated=was.updated, link=was.url)
    ]


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        ("<html><p>x", "x", "x:1: is neither a feed nor the text of a page"),
        ("x", "x.md", "x.md: is an article already; put it into the articles folder as it is"),
        ("", "x.txt", "x.txt:1: is empty"),
        (b"T\n\nx\xff", "x.txt", "x.txt:3: is not UTF-8: a wrong byte at offset 4"),
        ('{"a": 1}', "x", "x:1: is JSON, but no JSON Feed"),
        ('{\n"a" 1}', "x", "x:2: is not JSON: Expecting ':' delimiter"),
        ('{"a": ' + "[" * 100_000, "x", "is not JSON that can be read"),
        (rss("\n<title>a & b</title>"), "x", "x:2: is not well-formed XML"),
        (rss(entry())[:-20], "x", "is not well-formed XML"),
        (rss("<a>" * 300 + "</a>" * 300), "x", "is not well-formed XML: Excessive depth"),
        (rss(entry(), entry(title="", description="")), "x", "x: entry 2: has neither a title nor a text"),
        (rss(entry(pubDate="yesterday")), "x", 'x: entry 1: its date "yesterday" can\'t be read; give it one with --date'),
        (rss(entry(pubDate="")), "x", "x: warning: entry 1: has no date"),
        (rss(), "x", "x: warning: is a feed without an entry"),
        (rss(entry(description="x\x02")), "x", "x: warning: 1 characters that no feed may hold were removed"),
        (rss(entry(description="&lt;b&gt;x" * 200)), "x", "x: entry 1: elements are nested more than 100 deep"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(data: str | bytes, name: str, reason: str) -> None:
    found = reasons(data, name)
    assert len(found) == 1 and reason in found[0]


def test_what_is_too_large_is_not_read() -> None:
    assert "larger than" in reasons(b"<" * (detect.MAX_FEED_BYTES + 1))[0]


def test_entities_open_no_file_and_grow_no_text() -> None:
    head = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY y "why">]>'
    assert only(rss(entry(title="a&x;b&y;c&nbsp;&eacute;"), head=head)).title == "abc é"
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    assert len(reasons(rss(entry(title="&l11;"), head=f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]>'))) <= 1


def test_a_name_of_200_kb_is_no_work() -> None:
    assert len(only(rss(entry(author="a." * 100_000))).authors[0]) <= 300


@given(st.binary(max_size=200) | st.text(st.sampled_from('<>&;{}[]"/ rssitemtitle!')).map(lambda text: f"<rss {text}".encode()))
def test_whatever_the_bytes_there_is_a_batch_or_a_fault(data: bytes) -> None:
    assert reasons(data) is not None


@pytest.mark.parametrize(("topic", "date"), [("../x", None), ("all", None), ("!", None), (None, "2024-02-30"), (None, "soon")])
def test_a_wish_that_cannot_be_meant_is_wrong_usage(topic: str | None, date: str | None) -> None:
    with pytest.raises(UsageError):
        detect.import_options(topic, date, LONDON)


# ---- into the folder


def test_names_and_slugs_are_never_taken_twice(tmp_path: Path) -> None:
    (tmp_path / "sport").mkdir()
    (tmp_path / "sport/weather.md").write_text("---\ntitle: W\n---\nOld.\n")
    (tmp_path / "broken.md").write_text("---\n")
    wanted = ("weather", "weather", "broken", "2026-01-01-x", "é" * 100, "é" * 100)
    made = [Article(title="T", slug=slug, body=f"<p>{count}</p>", date=NINE) for count, slug in enumerate(wanted)]
    with Filing(tmp_path) as filing:
        paths = [filing.add(article).path for article in made]
    assert paths[:4] == [f"2026-05-21-{slug}.md" for slug in ("weather-2", "weather-3", "broken-2", "2026-01-01-x")]
    assert len(set(paths)) == 6 and all(len(path.encode()) <= 255 for path in paths)
    slugs = {read((tmp_path / path).read_text(), path).slug for path in paths}
    assert len(slugs) == 6 and "weather" not in slugs
    with Filing(tmp_path) as filing:
        assert [filing.add(article).new for article in made] == [False] * 6
    assert list(tmp_path.rglob("*.part")) == []


def test_an_article_that_would_not_be_read_is_refused(tmp_path: Path) -> None:
    with Filing(tmp_path) as filing, pytest.raises(ArticleError, match="id has 1,001 characters"):
        filing.add(Article(title="T", slug="t", body="<p>x</p>", id="x" * 1_001))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles/sport").symlink_to(tmp_path / "out")
    with Filing(tmp_path / "articles") as filing, pytest.raises(UsageError, match="symbolic link"):
        filing.add(Article(title="T", slug="t", body="<p>x</p>", folder="sport"))
    assert list((tmp_path / "out").iterdir()) == []


# ---- the whole move


def old_feed(number: int) -> bytes:
    feed = FeedGenerator()
    feed.title("The Old Gazette")
    feed.description("What was.")
    feed.link(href="https://old.example/")
    for count in range(number):
        made = feed.add_entry(order="append")
        made.id(f"https://old.example/?p={count}&x=1" if count % 2 else f"old-{count}")
        made.title(f"Story {count % 50}: tides & times")
        made.link(href=f"https://old.example/{count}")
        made.published(NINE - timedelta(hours=count))
        made.description(f"It was day {count}.")
        made.category({"term": "Harbour"})
    return bytes(feed.rss_str())


def entries(feed: str) -> list[feedparser.FeedParserDict]:
    return list(feedparser.parse(io.BytesIO(feed.encode())).entries)


def test_a_feed_of_200_moves_here_without_a_repost(newsroom: Newsroom, tmp_path: Path) -> None:
    (newsroom.articles / "site.toml").write_text("[site]\nentries_per_feed = 500\n")
    (tmp_path / "old.rss").write_bytes(old_feed(200))
    ended = feedsvc("import", "old.rss", folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(ended.stdout.splitlines()) == 200 and "articles/harbour/2026-05-21-story-0-tides-times.md" in ended.stdout
    newsroom.build()
    was = entries(old_feed(200).decode())
    assert [(one.id, one.published, one.title, one.link) for one in entries(newsroom.body("/feeds/harbour.rss"))] == [
        (one.id, one.published, one.title, one.link) for one in was
    ]
    assert [one["id"] for one in json.loads(newsroom.body("/feeds/all.json"))["items"]] == [one.id for one in was]
    now = entries(newsroom.body("/feeds/all.atom"))
    assert [one.published_parsed for one in now] == [one.published_parsed for one in was]
    assert [one.id for one in now][1::2] == [one.id for one in was][1::2]  # those that are IRIs
    again = feedsvc("import", "old.rss", folder=tmp_path)
    assert (again.returncode, again.stdout) == (0, "")
    assert "old.rss: entry 1: is there already: articles/harbour/2026-05-21-story-0-tides-times.md" in again.stderr


def test_import_takes_the_good_and_names_the_bad(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles/site.toml").write_text('[site]\ntitle = "The Quay Gazette"\n')
    (tmp_path / "page.txt").write_text(PAGE)
    (tmp_path / "bad.xml").write_text(rss(entry(guid="1"), entry(guid="1"), entry(title="", description="")))
    words = ("import", "bad.xml", "page.txt", "--topic", "Harbour life", "--date", "2026-05-20")
    ended = feedsvc(*words, folder=tmp_path)
    assert ended.returncode == 1
    assert ended.stdout.splitlines() == [
        "articles/harbour-life/2026-05-21-t.md",
        "articles/harbour-life/2026-05-20-lock-keepers-new-bell.md",
    ]
    assert ended.stderr.splitlines() == [
        "bad.xml: entry 2: is there already: articles/harbour-life/2026-05-21-t.md",
        "bad.xml: entry 3: has neither a title nor a text",
    ]
    assert feedsvc("check", folder=tmp_path).returncode == 0
    assert feedsvc(*words, folder=tmp_path).stdout == ""


@pytest.mark.parametrize("words", ["", "none.txt", "a.txt --date 2024-02-30", "a.txt --topic all", "a.txt --articles none"])
def test_import_of_what_cannot_be_meant_is_wrong_usage(words: str, tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "a.txt").write_text(PAGE)
    assert feedsvc("import", *words.split(), folder=tmp_path).returncode == 2
