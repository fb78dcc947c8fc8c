"""Other systems' names and spellings for an article's keys, and what their paths say."""

from __future__ import annotations

from typing import Any

import pytest

from feedsvc.articles.parsers import Reading, read, synonyms
from feedsvc.articles.parsers.faults import Faults
from feedsvc.articles.parsers.fields import _Fields
from feedsvc.articles.parsers.frontmatter import Value
from feedsvc.articles.parsers.names import Name, as_tag
from feedsvc.errors import ArticleError
from feedsvc.model.article import Article, Image
from feedsvc.model.site import Site, Topic
from feedsvc.model.urls import Urls

PLACE = Urls("https://feeds.example", Site())
PATH = "harbour/ferry.md"


def reading(*lines: str, path: str = PATH, place: Urls = PLACE) -> Reading:
    return read(path, "\n".join(("---", "title: x", *lines, "---", "Body.")).encode(), place)


def article(*lines: str, path: str = PATH) -> Article:
    return reading(*lines, path=path).article


def test_each_name_stands_for_one_field() -> None:
    names = [name for names in synonyms.SYNONYMS.values() for name in (*names,)]
    assert len(names) == len(set(names))
    assert not set(names) & {*synonyms.KEYS, *synonyms.PASSED_OVER}
    assert synonyms.SYNONYMS.keys() <= set(synonyms.KEYS)
    assert all(name == name.lower() for name in (*names, *synonyms.PASSED_OVER))


@pytest.mark.parametrize(
    ("lines", "topics"),
    [
        (["categories: [Transport, Night life]"], ("Transport", "Night life")),
        (["categories:", "- Transport", "- Night life"], ("Transport", "Night life")),
        (["categories: transport night"], ("transport", "night")),
        (["categories: Night life, Transport"], ("Night life", "Transport")),
        (["category: Night life"], ("Night life",)),
        (["Category: Transport"], ("Transport",)),
        (["section: Transport"], ("Transport",)),
        (["topics: Night life"], ("Night life",)),
        (["topics: [A]", "categories: [B, a]", "section: C"], ("A", "B", "C")),
        (["categories: [[Transport, Night], [Boats]]"], ("Transport", "Night", "Boats")),
        (["categories: [{name: Transport, slug: t}]"], ("Transport",)),
        (["categories: [news/local]"], ("news/local",)),
        (["taxonomies:", "  categories: [Transport]", "  tags: [boats]"], ("Transport",)),
        (["categories: [Transport, all]"], ("Transport",)),
        (["categories:"], ()),
        (["categories: ''"], ()),
        (["categories: [~, '', '!']"], ()),
        (["categories: {a: b}"], ()),
        (["categories: [C#, C++]"], ("C#", "C++")),
    ],
)
def test_topics(lines: list[str], topics: tuple[str, ...]) -> None:
    assert article(*lines).topics == topics


@pytest.mark.parametrize(
    ("lines", "tags"),
    [
        (["tags: [Night life, Boats]"], ("Night life", "Boats")),
        (["tags: night boats"], ("night", "boats")),
        (["tags: night life, boats"], ("night life", "boats")),
        (["keywords: night life, boats"], ("night life", "boats")),
        (["Tags:", "  - 2026", "  - boats"], ("2026", "boats")),
        (["taxonomies: {tags: [a, b]}"], ("a", "b")),
        (["tag: boats", "tags: [a]"], ("a", "boats")),
        (["tags: [" + ", ".join(f"t{number}" for number in range(60)) + "]"], tuple(f"t{number}" for number in range(50))),
    ],
)
def test_tags(lines: list[str], tags: tuple[str, ...]) -> None:
    found = article(*lines)
    assert (found.tags, found.topics) == (tags, ())


@pytest.mark.parametrize("key", ["standfirst", "summary", "description", "excerpt", "subtitle", "Deck", "dek", "Description"])
def test_a_standfirst(key: str) -> None:
    assert article(f"{key}: A pound more.").standfirst == "A pound more."


@pytest.mark.parametrize(
    ("lines", "standfirst"),
    [
        (["description: A", "excerpt: B"], "A"),
        (["excerpt: B", "description: A"], "A"),
        (["subtitle: S", "standfirst: A"], "A"),
        (["description:", "excerpt: B"], "B"),
        (["excerpt: true", "subtitle: S"], "S"),
        (["description: [a, b]"], ""),
        (["description: Ten&nbsp;years of the <em>Gull</em> &amp; more"], "Ten years of the Gull & more"),
    ],
)
def test_the_first_that_says_something_is_the_standfirst(lines: list[str], standfirst: str) -> None:
    assert article(*lines).standfirst == standfirst


@pytest.mark.parametrize(
    ("lines", "authors"),
    [
        (["author: Ada Keel"], ("Ada Keel",)),
        (["Author: Ada Keel"], ("Ada Keel",)),
        (["author: {name: Ada Keel, email: ada@tideway.example}"], ("Ada Keel",)),
        (["author:", "  name: Ada Keel", "  url: https://x.example"], ("Ada Keel",)),
        (["authors:", "  - name: Ada Keel", "    title: Editor", "  - Tom Rudder"], ("Ada Keel", "Tom Rudder")),
        (["author: Ada Keel <ada@tideway.example>"], ("Ada Keel",)),
        (["author: ada@tideway.example (Ada Keel)"], ("Ada Keel",)),
        (["author: ada@tideway.example"], ()),
        (["author: {email: ada@tideway.example}"], ()),
        (["author: {ada: {name: Ada Keel}, tom: {name: Tom Rudder}}"], ("Ada Keel", "Tom Rudder")),
        (["byline: Ada Keel", "author:"], ("Ada Keel",)),
        (["author: [Ada Keel]", "authors:", "- Tom Rudder"], None),
    ],
)
def test_authors(lines: list[str], authors: tuple[str, ...] | None) -> None:
    if authors is None:
        with pytest.raises(ArticleError, match=r"authors is the same as author in line 3; keep one"):
            article(*lines)
    else:
        found = article(*lines)
        assert found.authors == authors
        assert "@" not in repr(found.authors)


PICTURE = "https://x.example/f.jpg"


@pytest.mark.parametrize(
    "lines",
    [
        [f"image: {PICTURE}"],
        [f"image: {{path: {PICTURE}}}"],
        [f"image: {{url: {PICTURE}, width: 10}}"],
        [f"images: [{PICTURE}, https://x.example/g.jpg]"],
        [f"cover: {{image: {PICTURE}, hidden: false}}"],
        [f"cover: {PICTURE}"],
        [f"featured_image: {PICTURE}"],
        [f"featuredImage: {PICTURE}"],
        [f"thumbnail: {PICTURE}"],
        [f"header: {{teaser: {PICTURE}, overlay_filter: 0.5}}"],
        [f"header: {{image: {{src: {PICTURE}}}}}"],
        [f"hero_image: [{{src: {PICTURE}}}]"],
        [f"Image: {PICTURE}", "thumbnail: https://x.example/t.jpg"],
        ["thumbnail: true", f"banner: {PICTURE}"],
    ],
)
def test_a_picture(lines: list[str]) -> None:
    found = reading(*lines)
    assert found.article.image == Image(src=PICTURE)
    assert not found.warnings


def test_a_picture_s_table_says_what_is_in_it() -> None:
    assert article(f"image: {{path: {PICTURE}, alt: A <b>ferry</b>, caption: To the isle, credit: A. Keel}}").image == Image(
        src=PICTURE, alt="A ferry", caption="To the isle", credit="A. Keel"
    )


@pytest.mark.parametrize(
    "line", ["cover: chart.svg", "thumbnail: ../../../x.png", "header: {class: dark}", "images: []", "image: false"]
)
def test_what_is_no_picture_elsewhere_refuses_nothing(line: str) -> None:
    assert article(line).image is None


@pytest.mark.parametrize(
    ("line", "slug"),
    [
        ("slug: %d0%bf%d0%b0%d1%80%d0%be%d0%bc", "паром"),
        ("slug: caf%C3%A9", "café"),
        ("slug: cafe\u0301", "café"),
        ("slug: /2026/05/fares/", "fares"),
        ("slug: fares/index.html", "fares"),
        ("slug: /2026/Fares rise!", "fares-rise"),
        ("slug: /news/v1.2", "v1-2"),
        ("slug: /", "ferry"),
        ("permalink: /2026/05/fares.html", "fares"),
        ("permalink: https://tideway.example/2026/05/fares/?a=b#c", "fares"),
        ("permalink: /:year/:title/", "ferry"),
        ("permalink: '/{{ title | slug }}/'", "ferry"),
        ("permalink: /", "ferry"),
        ("url: /news/fares", "fares"),
        ("permalink: /a/../b", "ferry"),
    ],
)
def test_a_slug(line: str, slug: str) -> None:
    assert article(line).slug == slug


def test_the_slug_comes_before_an_address() -> None:
    assert article("permalink: /a/", "slug: b").slug == "b"


def test_eleventy_writes_no_page_without_a_permalink() -> None:
    assert article("permalink: false").draft


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("lang: fr", "fr"),
        ("Language: cy", "cy"),
        ("locale: de_AT", "de-AT"),
        ("lang: en_US.UTF-8", "en-US"),
        ("lang: zh-Hans", "zh-Hans"),
        ("locale: zh_hans_cn", "zh-Hans-CN"),
        ("lang: French!", None),
        ("lang:", None),
    ],
)
def test_a_language(line: str, language: str | None) -> None:
    assert article(line).language == language


@pytest.mark.parametrize(
    ("path", "slug", "language", "topic"),
    [
        ("ferry.fr.md", "ferry-fr", "fr", None),
        ("harbour/ferry.pt-BR.md", "ferry-pt-br", "pt-BR", "harbour"),
        ("ferry.en.md", "ferry", "en", None),
        ("harbour/2026-05-21-ferry.de_AT.md", "ferry-de-at", "de-AT", "harbour"),
        ("fr/harbour/ferry.md", "ferry-fr", "fr", "harbour"),
        ("en/harbour/ferry.md", "ferry", "en", "harbour"),
        ("pt-br/ferry.md", "ferry-pt-br", "pt-BR", None),
        ("zh_CN/ferry.md", "ferry-zh-cn", "zh-CN", None),
        ("_posts/harbour/ferry.md", "ferry", None, "harbour"),
        ("_posts/ferry.md", "ferry", None, None),
        ("uk/ferry.md", "ferry", None, "uk"),
        ("it/ferry.md", "ferry", None, "it"),
        ("IT/ferry.md", "ferry", None, "IT"),
        ("cy/ferry.md", "ferry", None, "cy"),  # a topic of site.toml
        ("node.js.md", "node-js", None, None),
        ("version-1.2.md", "version-1-2", None, None),
        ("socket.io.md", "socket-io", None, None),
        ("harbour/2026-05-21-ferry/index.md", "ferry", None, "harbour"),
        ("2026-05-21-ferry/index.md", "ferry", None, None),
        ("ferry/index.fr.md", "ferry-fr", "fr", None),
        ("ferry/v1.2/index.html", "v1-2", None, "ferry"),
        ("a/b/c/d/index.md", "d", None, "a"),
        ("fr/ferry/index.md", "ferry-fr", "fr", None),
        ("index.md", "index", None, None),
        ("2026/05/ferry/index.md", "ferry", None, None),
    ],
)
def test_what_a_path_says(path: str, slug: str, language: str | None, topic: str | None) -> None:
    name = Name(path, Site(topics=(Topic(slug="cy", name="County"),)))
    assert (name.slug(), name.language, name.topic) == (slug, language, topic)


def test_a_key_comes_before_the_path() -> None:
    found = article("lang: cy", "slug: x", path="fr/ferry.md")
    assert (found.language, found.slug) == ("cy", "x")


@pytest.mark.parametrize("written", ["", "fr-", "x", "-fr", "français", "english language", "e1"])
def test_what_is_no_language(written: str) -> None:
    assert as_tag(written) is None


def test_a_folder_in_nfd_is_that_in_nfc() -> None:
    names = {article(path=f"{name}/ferry.md").folder for name in ("Cafe\u0301", "Caf\u00e9")}
    assert names == {"Caf\u00e9"}
    assert len({article(path=f"{name}.md").slug for name in ("cafe\u0301", "caf\u00e9")}) == 1


@pytest.mark.parametrize(
    ("title", "shown", "warned"),
    [
        ("Ward #5 votes on fares", "Ward #5 votes on fares", True),
        ("'Ward #5 votes'", "Ward #5 votes", False),
        ("Ward # five", "Ward", True),
        ("Ward#5", "Ward#5", False),
        ("Ten&nbsp;years of the <em>Gull</em>", "Ten years of the Gull", False),
        ("On &quot;fares&quot; &#8211; a <a href='/x'>row</a>", 'On "fares" – a row', False),
        ("a < b & c > d", "a < b & c > d", False),
        ("<script>x</script> &unknown &;", "<script>x</script> &unknown &;", False),
        ("The &lt;b&gt; tag", "The <b> tag", False),
    ],
)
def test_a_title_loses_no_text_and_shows_no_markup(title: str, shown: str, warned: bool) -> None:
    found = read("a.md", f"---\ndate: 2026-05-21T09:00Z\ntitle: {title}\n---\nBody.".encode(), PLACE)
    assert found.article.title == shown
    assert [warning.line for warning in found.warnings] == ([3] if warned else [])


def test_common_keys_of_other_systems_are_no_warnings() -> None:
    assert not reading("layout: post", "comments: true", "weight: 3", "menu: {main: {weight: 1}}", "toc: on").warnings


@pytest.mark.parametrize("content", [None, "", "no", "2026-05-21", (Value(1, "a"),), {"date": Value(1, "2026-05-21")}])
def test_the_product_s_own_names_mean_themselves_whatever_they_hold(content: Any) -> None:
    value = Value(1, content)
    meant = {key: tuple(_Fields(PATH, PLACE, Faults(PATH)).meant(key, value)) for key in synonyms.PLAIN}
    assert meant == {key: ((key, field, value),) for key, field in synonyms.PLAIN.items()}
