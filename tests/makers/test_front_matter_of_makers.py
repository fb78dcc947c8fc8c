# ruff: noqa: E501
"""What must not get out, front matter and dates, as other makers of sites write them."""

from __future__ import annotations

import pytest

from support.live import Newsroom
from support.makers import Expected, found_wrong

DATE = "date: 2026-05-04T09:00:00Z\n"


def md(front: str, body: str = "The last boat leaves at eleven.") -> str:
    return f"---\ntitle: Fares rise\n{front}{'' if 'date' in front.lower() else DATE}---\n{body}\n"


OUT = [("no titles", "Fares rise")]
IN = [("titles", "Fares rise")]
CASES: list[tuple[str, dict[str, str | bytes], list[Expected]]] = [
    # 1 unpublished
    ("draft in TOML", {"a.md": '+++\ntitle = "Fares rise"\ndraft = true\n+++\nx\n'}, OUT),
    ("draft in JSON", {"a.md": '{\n"title": "Fares rise",\n"draft": true\n}\nx\n'}, OUT),
    ("Status: hidden in Pelican", {"a.md": "Title: Fares rise\nStatus: hidden\n\nx\n"}, OUT),
    ("a folder of drafts", {"news/_drafts/a.md": md("")}, OUT),
    ("draft in Zola's extra is not ours", {"a.md": '+++\ntitle = "Fares rise"\n[extra]\ndraft = true\n+++\nx\n'}, IN),
    ("cascade is not ours", {"a.md": md("cascade:\n  draft: true\n")}, IN),
    ("visibility of Ghost", {"a.md": md("visibility: members\n")}, OUT),
    # 2 embargo
    ("publishDate in the future", {"a.md": md("date: 2026-05-04\npublishDate: 2099-01-01\n")}, OUT),
    ("publishDate alone in the future", {"a.md": md("publishDate: 2099-01-01T09:00:00Z\n")}, OUT),
    ("expiryDate in the past", {"a.md": md("date: 2026-05-04\nexpiryDate: 2026-05-06\n")}, OUT),
    ("a bundle in the future", {"news/2099-01-01-fares/index.md": "---\ntitle: Fares rise\n---\nx\n"}, OUT),
    ("folders in the future", {"2099/01/01/fares/index.md": "---\ntitle: Fares rise\n---\nx\n"}, OUT),
    ("folders of a day in the future", {"2099/01/01/fares.md": "---\ntitle: Fares rise\n---\nx\n"}, OUT),
    ("a path in the future", {"a.md": '+++\ntitle = "Fares rise"\npath = "2099/01/01/fares"\n+++\nx\n'}, OUT),
    # 3 dates in names
    ("a bundle", {"2019-03-04-hall/index.md": "---\ntitle: Fares rise\n---\nx\n"}, [("json", '"date_published":"2019-03-04')]),
    ("folders", {"2019/03/04/hall/index.md": "---\ntitle: Fares rise\n---\nx\n"}, [("json", '"date_published":"2019-03-04')]),
    ("folders of a day", {"news/2019/03/04/hall.md": "---\ntitle: Fares rise\n---\nx\n"}, [("json", '"date_published":"2019-03-04')]),
    ("folders and a number", {"2019/03/04-hall.md": "---\ntitle: Fares rise\n---\nx\n"}, [("json", '"date_published":"2019-03-04')]),
    ("a path", {"a.md": '+++\ntitle = "Fares rise"\npath = "2019/03/04/hall"\n+++\nx\n'}, [("json", '"date_published":"2019-03-04'), ("json", "/articles/hall'?\"")]),
    ("underscores", {"2019_03_04_hall.md": "---\ntitle: Fares rise\n---\nx\n"}, [("json", '"date_published":"2019-03-04')]),
    ("no marks", {"20190304-hall.md": "---\ntitle: Fares rise\n---\nx\n"}, [("json", '"date_published":"2019-03-04')]),
    ("a name with a time", {"2019-03-04-0930-hall.md": "---\ntitle: Fares rise\n---\nx\n"}, [("json", '"date_published":"2019-03-04')]),
    # 4 same slug
    ("one slug in two folders", {"a/diary.md": md("", "One."), "b/diary.md": md("date: 2026-05-05\n", "Two.")}, [("json", "/articles/diary\""), ("json", "/articles/diary-2026-05-05\"")]),
    ("one slug three times a day", {"a/diary.md": md("", "One."), "b/diary.md": md("", "Two."), "c/diary.md": md("", "Three.")}, [("json", "/articles/diary-2026-05-04-2\"|/articles/diary-2\""), ("said", "diary")]),
    ("bundles of one name", {"a/diary/index.md": md("", "One."), "b/diary/index.md": md("", "Two.")}, [("json", "/articles/diary\""), ("json", "/articles/diary-2026-05-04\"")]),
    # 5 tags
    ("Zola's taxonomies", {"a.md": '+++\ntitle = "Fares rise"\n[taxonomies]\ncategories = ["Transport"]\ntags = ["Night life"]\n+++\nx\n'}, [("json", '"Transport"'), ("json", '"Night life"')]),
    ("Pelican's", {"a.md": "Title: Fares rise\nCategory: Transport\nTags: night life, boats\n\nx\n"}, [("json", '"Transport"'), ("json", '"night life","boats"')]),
    ("spaces", {"a.md": md("categories: transport night\ntags: a b\n")}, [("json", '"transport","night"')]),
    ("Hexo's lists in lists", {"a.md": md("categories:\n- [Transport, Night]\n- [Boats]\n")}, [("json", '"Transport","Night","Boats"')]),
    ("semicolons", {"a.md": "Title: Fares rise\nTags: night life; boats\n\nx\n"}, [("json", '"night life","boats"')]),
    ("JSON with tables", {"a.md": '{"title": "Fares rise", "tags": [{"name": "Boats"}], "categories": {"name": "Transport"}}\nx\n'}, [("json", '"Boats"'), ("json", '"Transport"')]),
    # 6 summaries
    ("more", {"a.md": md("", "The first words.\n\n<!--more-->\n\nThe rest.")}, [("json", '"summary":"The first words\\."')]),
    ("more with spaces", {"a.md": md("", "The *first* words.\n<!-- more -->\nThe rest.")}, [("json", '"summary":"The first words\\."')]),
    ("truncate", {"a.md": md("", "The first words.\n\n<!-- truncate -->\n\nThe rest.")}, [("json", '"summary":"The first words\\."')]),
    ("truncate in MDX", {"a.mdx": md("", "The first words.\n\n{/* truncate */}\n\nThe rest.")}, [("json", '"summary":"The first words\\."')]),
    ("excerpt marks", {"a.md": md("", "The first words.\n\n<!-- excerpt -->\n\nThe rest.")}, [("json", '"summary":"The first words\\."')]),
    ("an excerpt_separator", {"a.md": md("excerpt_separator: '<!--cut-->'\n", "The first words.\n\n<!--cut-->\n\nThe rest.")}, [("json", '"summary":"The first words\\."')]),
    ("a description before more", {"a.md": md("description: Said.\n", "First.\n\n<!--more-->\n\nRest.")}, [("json", '"summary":"Said\\."')]),
    ("more in code", {"a.md": md("", "First.\n\n```\n<!--more-->\n```\n\nRest.")}, [("json", '"summary":"First\\. .*Rest')]),
    ("a folded excerpt", {"a.md": md("excerpt: >\n  A pound\n  more.\n")}, [("json", '"summary":"A pound more\\."')]),
    ("Markdown in a description", {"a.md": md("description: A **pound** more, says [the port](https://port.example) `now`.\n")}, [("json", '"summary":"A pound more, says the port now\\."')]),
    # 7 front matter
    ("JSON", {"a.md": '{\n  "title": "Fares rise",\n  "date": "2026-05-04T09:00:00Z"\n}\n\nx\n'}, IN),
    ("TOML with a BOM", {"a.md": '\ufeff+++\r\ntitle = "Fares rise"\r\n+++\r\nx\r\n'}, IN),
    ("MultiMarkdown", {"a.md": "Title:    Fares rise\nAuthor:   Ada Keel\n          Tom Rudder\nDate:     4 May 2026\n\nx\n"}, [*IN, ("json", "Ada Keel")]),
    ("Pelican with dates that go on", {"a.md": "Title: Fares rise\nDate: 2026-05-04 09:00\nSummary: A pound\n    more.\n\nx\n"}, [("json", '"summary":"A pound more\\."')]),
    ("keys in capitals", {"a.md": "---\nTITLE: Fares rise\nDATE: 2026-05-04\nSUMMARY: A pound.\n---\nx\n"}, [*IN, ("json", "A pound\\.")]),
    ("a heading is the title", {"a.md": "---\ndate: 2026-05-04\n---\n# Fares rise\n\nThe words.\n"}, [*IN, ("no json", "<h[12][^>]*>Fares rise")]),
    ("no front matter", {"a.md": "# Fares rise\n\nThe words.\n"}, [*IN, ("no json", "<h[12][^>]*>Fares rise")]),
    ("a heading with lines below", {"a.md": "Fares rise\n==========\n\nThe words.\n"}, [*IN, ("no json", "<h[12][^>]*>Fares rise")]),
    ("the title once more", {"a.md": md("", "# Fares rise\n\nThe words.")}, [*IN, ("no json", "<h[12][^>]*>Fares rise")]),
    ("another heading", {"a.md": md("", "# Other words\n\nThe words.")}, [*IN, ("json", "<h2[^>]*>Other words")]),
    ("a heading in MDX", {"a.mdx": "import A from './a'\n\n# Fares rise\n\nThe words.\n"}, [*IN, ("no json", "<h[12][^>]*>Fares rise")]),
    # 17, 18 authors, pictures
    ("authors' pages", {"a.md": md("authors:\n- name: Ada Keel\n  website: https://ada.example/\n  email: a@b.example\n- Tom\n")}, [("json", '{"name":"Ada Keel","url":"https://ada.example/"},{"name":"Tom","url":"https://feeds.example/authors/tom"}'), ("no json", "a@b")]),
    ("an author's page at the portal", {"a.md": md("author:\n  name: Ada Keel\n  url: /people/ada/\n")}, [("json", '"url":"https://tideway.example/people/ada/"')]),
    ("an author's link in TOML", {"a.md": '+++\ntitle = "Fares rise"\n[[authors]]\nname = "Ada Keel"\nlink = "www.ada.example"\n+++\nx\n'}, [("json", '"url":"https://www.ada.example"')]),
    ("an author's page that is mail", {"a.md": md("author:\n  name: Ada Keel\n  url: mailto:ada@tideway.example\n")}, [("json", '"authors":\\[\\{"name":"Ada Keel","url":"https://feeds.example/authors/ada-keel"\\}'), ("no json", "ada@"), ("said", "an author's address is left out")]),
    ("an author's page with mail in it", {"a.md": md("author:\n  name: Ada Keel\n  url: https://x.example/?to=ada%40tideway.example\n")}, [("no json", "ada%40"), ("said", "an author's address is left out")]),
    ("an author's page with a sign", {"a.md": md("author:\n  name: Ada Keel\n  url: https://x.example/@ada.keel\n")}, [("json", '"url":"https://x.example/@ada.keel"')]),
    ("an author's script", {"a.md": md("author:\n  name: Ada Keel\n  url: javascript:alert(1)\n")}, [("json", '"authors":\\[\\{"name":"Ada Keel","url":"https://feeds.example/authors/ada-keel"\\}'), ("no json", "alert")]),
    ("author of Docusaurus", {"a.md": md("author: Ada Keel\nauthorURL: https://ada.example/\nauthorTitle: Editor\n")}, [("json", '{"name":"Ada Keel","url":"https://ada.example/"}'), ("no said", "unknown key")]),
    ("author mail", {"a.md": md('author: "Ada Keel <ada@tideway.example>"\n')}, [("json", '"name":"Ada Keel"'), ("no json", "ada@")]),
    ("author in TOML", {"a.md": '+++\ntitle = "Fares rise"\n[author]\nname = "Ada Keel"\nemail = "a@b.example"\n+++\nx\n'}, [("json", '"name":"Ada Keel"'), ("no json", "a@b")]),
    ("cover of Hugo", {"a.md": md("cover:\n  image: https://x.example/f.jpg\n  alt: A ferry\n  relative: false\n")}, [("rss", "https://x.example/f.jpg")]),
    ("header of minimal mistakes", {"a.md": md("header:\n  teaser: /assets/f.jpg\n")}, [("rss", "https://tideway.example/assets/f.jpg")]),
    ("author in Zola's extra", {"a.md": '+++\ntitle = "Fares rise"\n[extra]\nauthor = "Ada Keel"\nsummary = "A pound."\nimage = "https://x.example/f.jpg"\n+++\nx\n'}, [("json", '"name":"Ada Keel"'), ("json", '"summary":"A pound\\."'), ("rss", "https://x.example/f.jpg")]),
    ("Zola's extra gives way", {"a.md": '+++\ntitle = "Fares rise"\nauthors = ["Tom Rudder"]\ndescription = "Said."\n[extra]\nauthor = "Ada Keel"\nsummary = "A pound."\n+++\nx\n'}, [("json", '"name":"Tom Rudder"'), ("no json", "Ada Keel|A pound")]),
    ("a picture in extra that is none", {"a.md": md("extra:\n  image: chart.svg\n  summary: true\n")}, [*IN, ("said", "extra\\.image .*is left out")]),
    # 19 slugs
    ("permalink percent", {"a.md": md("permalink: /2026/%d0%bf%d0%b0%d1%80/\n")}, [("json", "/articles/%D0%BF%D0%B0%D1%80\"")]),
    ("url of Pelican", {"a.md": "Title: Fares rise\nURL: posts/fares-up/\nSave_as: posts/fares-up/index.html\n\nx\n"}, [("json", "/articles/fares-up\""), ("no said", "unknown key")]),
    ("permalink pattern", {"fares.md": md("permalink: /:year/:month/:title/\n")}, [("json", "/articles/fares\"")]),
    ("permalink of Eleventy", {"fares.md": md("permalink: /posts/{{ page.fileSlug }}/index.html\n")}, [("json", "/articles/fares\"")]),
    ("permalink index.html", {"a.md": md("permalink: /2026/fares-up/index.html\n")}, [("json", "/articles/fares-up\"")]),
    ("a name with percent", {"%d0%bf%d0%b0%d1%80.md": md("")}, [("json", "/articles/%D0%BF%D0%B0%D1%80\"")]),
    ("a slug with percent in capitals", {"a.md": md("slug: CAF%C3%89\n")}, IN),
    # 22 changes
    ("date table", {"a.md": md("date:\n  created: 2026-05-04T09:00:00Z\n  updated: 2026-05-06T10:00:00Z\n")}, [("json", '"date_published":"2026-05-04'), ("json", '"date_modified":"2026-05-06')]),
    ("last_update of Docusaurus", {"a.md": md(DATE + "last_update:\n  date: 2026-05-06T10:00:00Z\n  author: Ada Keel\n")}, [("json", '"date_modified":"2026-05-06')]),
    ("Modified of Pelican", {"a.md": "Title: Fares rise\nDate: 2026-05-04 09:00\nModified: 2026-05-06 09:00\n\nx\n"}, [("json", '"date_modified":"2026-05-06')]),
    ("updated of Hexo in TOML", {"a.md": '+++\ntitle = "Fares rise"\ndate = 2026-05-04\nupdated = 2026-05-06\n+++\nx\n'}, [("json", '"date_modified":"2026-05-06')]),
    ("modified_time", {"a.md": md("modified_time: '2026-05-06T10:00:00.000Z'\n")}, [("json", '"date_modified":"2026-05-06T10')]),
    # 26 markup in plain texts
    ("Markdown", {"a.md": '---\ntitle: "**Fares** _rise_ in `v1.2`"\n---\nx\n'}, [("titles", "^Fares rise in v1\\.2$")]),
    ("stars", {"a.md": "---\ntitle: Fares *rise* again\n---\nx\n"}, [("titles", "^Fares rise again$")]),
    ("names with underscores stay", {"a.md": "---\ntitle: The snake_case_name and 2 * 3 * 4\n---\nx\n"}, [("titles", "^The snake_case_name and 2 \\* 3 \\* 4$")]),
    ("a link", {"a.md": '---\ntitle: "[Fares](https://x.example) rise"\n---\nx\n'}, [("titles", "^Fares rise$")]),
    ("entities twice", {"a.md": "---\ntitle: Boats &amp; trains &mdash; &#8217;26\n---\nx\n"}, [("titles", "^Boats & trains — ’26$")]),
    ("break", {"a.md": "---\ntitle: Fares<br>rise <sup>2</sup>\n---\nx\n"}, [("titles", "^Fares rise 2$")]),
    ("emoji names", {"a.md": "---\ntitle: Fares 5:30 rise\n---\nx\n"}, [("titles", "^Fares 5:30 rise$")]),
    ("heading markup", {"a.md": "# Fares *rise* in `v1` &amp; more\n\nx\n"}, [("titles", "^Fares rise in v1 & more$")]),
    ("brackets that are no link stay", {"a.md": '---\ntitle: "[Fares] rise (again)"\n---\nx\n'}, [("titles", r"^\[Fares\] rise \(again\)$")]),
    # 27 dates
    ("offset without colon", {"a.md": md("date: 2026-05-04 09:00 +0100\n")}, [("json", '"date_published":"2026-05-04T08:00:00Z"')]),
    ("RFC 2822", {"a.md": md("date: Mon, 04 May 2026 09:00:00 +0100\n")}, [("json", '"date_published":"2026-05-04T08:00:00Z"')]),
    ("month names", {"a.md": md("date: May 4, 2026\n")}, [("json", '"date_published":"2026-05-0[34]')]),
    ("an offset that no place has", {"a.md": md("date: 2026-05-04 15:00:00 +15:00\n")}, [("json", '"date_published":"2026-05-0'), ("said", "no place on earth")]),
    ("nanoseconds", {"a.md": md("date: 2026-05-04T09:00:00.123456789Z\n")}, [("json", '"date_published":"2026-05-04T09:00:00Z"')]),
    ("seconds since 1970", {"a.md": md("date: 1777885200\n")}, [("json", '"date_published":"2026-05-04T09:00:00Z"')]),
    ("a zone's short name", {"a.md": md("date: 2026-05-04 09:00 CET\n")}, [*OUT, ("said", "write its offset")]),
    ("quoted", {"a.md": md("date: '2026-05-04'\n")}, [("json", '"date_published":"2026-05-04')]),
    # 29 yaml
    ("tags of others", {"a.md": md("extra: !custom x\n")}, IN),
    ("deep", {"a.md": md("menu: {a: {b: {c: {d: {e: {f: 1}}}}}}\n")}, IN),
    ("dots at the end", {"a.md": "---\ntitle: Fares rise\n...\nThe words.\n"}, IN),
    ("an anchor", {"a.md": md("author: &me Ada Keel\neditor: *me\nbyline: *me\n")}, [("json", '"name":"Ada Keel"')]),
    ("duplicate foreign keys", {"a.md": md("weight: 1\nweight: 2\n")}, IN),
    # 31 comments
    ("C#", {"a.md": "---\ntitle: C# and F# #7\n---\nx\n"}, [("titles", "^C# and F# #7$")]),
    ("tags with a hash", {"a.md": md("description: Ward #5 votes\n")}, [("json", '"summary":"Ward #5 votes"')]),
    ("authors with a hash", {"a.md": md("author: Agent #9\n")}, [("json", '"Agent #9"')]),
    ("list items", {"a.md": md("tags:\n- Ward #5\n- boats\n")}, [("json", '"Ward #5","boats"')]),
    ("JSON and TOML hash", {"a.md": '+++\ntitle = "Ward #5" # remark\n+++\nx\n'}, [("titles", "^Ward #5$"), ("no said", "remark")]),
    ("a folded title", {"a.md": "---\ntitle: >-\n  Ward #5\n  votes\n---\nx\n"}, [("titles", "^Ward #5 votes$")]),
    # 33 pairs
    ("JSON pair", {"a.md": '{"title": "Gulls \\ud83d\\udc26 return"}\nx\n'}, [("titles", "Gulls 🐦 return")]),
    ("pair in tags", {"a.md": md('tags: ["\\ud83d\\udc26 gulls"]\n')}, [("json", "🐦 gulls")]),
    ("half a pair", {"a.md": '---\ntitle: "Fares \\ud83d rise"\n---\nx\n'}, [("said", "a\\.md:2")]),
    ("pair in Hexo's", {"a.md": 'title: "Gulls \\ud83d\\udc26 return"\n---\nx\n'}, [("titles", "Gulls 🐦 return")]),
]


@pytest.mark.parametrize(("files", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_it(newsroom: Newsroom, files: dict[str, str | bytes], expected: list[Expected]) -> None:
    assert not found_wrong(newsroom, files, expected)
