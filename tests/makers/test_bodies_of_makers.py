# ruff: noqa: E501
"""Files, links, pictures, template tags and addresses, as other makers of sites leave them."""

from __future__ import annotations

import pytest

from support.live import Newsroom
from support.makers import PNG, SITE, Expected, found_wrong

FRONT = "---\ntitle: Fares rise\ndate: 2026-05-04T09:00:00Z\n"
VOTE = "---\ntitle: The vote\ndate: 2026-05-03T09:00:00Z\n---\nAyes.\n"


def md(body: str, front: str = "") -> str:
    return f"{FRONT}{front}---\n{body}\n"


IN = [("titles", "Fares rise")]
PIC = ("json", r"<img src='https://feeds.example/media/[^']*f-[0-9a-f]{12}-1\.png'")
TO_VOTE = ("json", "<a href='https://feeds.example/articles/vote'>")
CASES: list[tuple[str, dict[str, str | bytes], list[Expected]]] = [
    # 8 endings
    ("an ending in capitals", {"A.MD": md("x"), "b.MarkDown": md("y").replace("Fares", "Boats")}, [*IN, ("titles", "Boats")]),
    ("docx", {"a.docx": b"PK\x03\x04", "b.md": md("x")}, [("said", r"a\.docx.*(Word|Markdown)")]),
    ("docx called md", {"a.md": b"PK\x03\x04\x14"}, [("said", r"a\.md.*Word")]),
    ("cp1252", {"a.md": md("x “quoted”").encode("cp1252")}, [("said", "Windows-1252")]),
    ("utf-16", {"a.md": md("x").encode("utf-16")}, [("said", "UTF-16")]),
    ("utf-16 without mark", {"a.md": md("x").encode("utf-16-le")}, [("said", "UTF-16")]),
    ("rst", {"a.rst": "Fares\n=====\n", "b.rst": "x", "c.md": md("x")}, [("said", r"\.rst.*1 more")]),
    ("robots", {"robots.txt": "User-agent: *\nDisallow:\n", "b.md": md("x"), "humans.txt": "x\n\ny\n", "ads.txt": "x\n"}, [("no titles", "User|x")]),
    # 9 pictures
    ("in a bundle", {"news/fares/index.md": md("See ![A](f.png) it."), "news/fares/f.png": PNG}, [PIC]),
    ("in a folder of the bundle", {"fares/index.md": md("See ![A](img/f.png)"), "fares/img/f.png": PNG}, [PIC]),
    ("above", {"news/a.md": md("See ![A](../img/f.png)"), "img/f.png": PNG}, [PIC]),
    ("in HTML", {"news/a.html": f"{FRONT}---\n<p>See <img src='f.png'></p>", "news/f.png": PNG}, [PIC]),
    ("in static", {"a.md": md("See ![A](/img/f.png)"), "static/img/f.png": PNG, "site.toml": SITE + 'media_root = "static"\n'}, [PIC]),
    ("with spaces", {"a.md": md("See ![A](<my f.png>)"), "my f.png": PNG}, [("json", "<img src='https://feeds.example/media/my%20f-[0-9a-f]{12}-1.png'")]),
    ("missing", {"a.md": md("See ![A](gone.png) it.")}, [("said", r"a\.md:5: warning: .*gone\.png"), ("no json", "<img")]),
    ("reference", {"a.md": md("See ![A][f].\n\n[f]: f.png"), "f.png": PNG}, [PIC]),
    ("in capitals", {"a.md": md("See ![A](F.PNG) it."), "F.PNG": PNG}, [("json", "<img src='https://feeds.example/media/F-[0-9a-f]{12}-1.png'")]),
    ("lead picture of a bundle", {"n/fares/index.md": md("x", "image: f.png\n"), "n/fares/f.png": PNG}, [("rss", "media/n/fares/f-[0-9a-f]{12}-1.png")]),
    ("lead with ./", {"n/a.md": md("x", "cover: ./f.png\n"), "n/f.png": PNG}, [("rss", "media/n/f-[0-9a-f]{12}-1.png")]),
    # 10 root-relative
    ("in raw HTML", {"a.md": md("<a href='/fares/'>x</a> <img src='/i/c.png'>")}, [("json", "https://tideway.example/fares/"), ("json", "https://tideway.example/i/c.png")]),
    ("lead", {"a.md": md("x", "image: /i/c.png\n")}, [("rss", "https://tideway.example/i/c.png")]),
    ("srcset root", {"a.html": f"{FRONT}---\n<p>x <img srcset='/i/s.png 1x, /i/l.png 2x'></p>"}, [("json", "https://tideway.example/i/l.png")]),
    # 11 addresses
    ("with a topic", {"a.md": md("x", "topics: [Night life]\nslug: fares\n"), "site.toml": SITE + 'article_url = "https://tideway.example/{topic}/{slug}.html"\n'}, [("json", "https://tideway.example/night-life/fares.html")]),
    ("with a path", {"news/2026/fares.md": md("x"), "site.toml": SITE + 'article_url = "https://tideway.example/{path}/"\n'}, [("json", "https://tideway.example/news/2026/fares/")]),
    ("with a day in the zone", {"a.md": md("x").replace("T09:00", "T23:30"), "site.toml": SITE + 'timezone = "Europe/London"\narticle_url = "https://tideway.example/{year}/{month}/{day}/{slug}"\n'}, [("json", "https://tideway.example/2026/05/05/a\"")]),
    ("a bundle's path", {"news/fares/index.md": md("x"), "site.toml": SITE + 'article_url = "https://tideway.example/{path}/"\n'}, [("json", "https://tideway.example/news/fares/\"")]),
    ("a path of Jekyll", {"_posts/2026-05-04-fares.md": md("x"), "site.toml": SITE + 'article_url = "https://tideway.example/{year}/{month}/{day}/{slug}.html"\n'}, [("json", "https://tideway.example/2026/05/04/fares.html")]),
    # 12 template tags
    ("nested shortcodes", {"a.md": md("{{< tabs >}}{{% tab \"a\" %}}One{{% /tab %}}{{< tab b >}}Two{{< /tab >}}{{< /tabs >}}")}, [("json", "One"), ("json", "Two"), ("no json", r"\{\{|%\}|&gt;\}\}")]),
    ("Liquid loops", {"a.md": md("{% for x in site.posts %}\n- {{ x.title }}\n{% endfor %}\n\nAfter.")}, [("json", "After"), ("no json", r"\{\{|\{%")]),
    ("assign with quotes", {"a.md": md("{% assign x = \"a %} b\" %}After.")}, [("json", "After"), ("said", "template")]),
    ("code stays", {"a.md": md("```\n{{ x }} {% y %}\n```\n\n`{{< z >}}`")}, [("json", r"\{\{ x \}\} \{% y %\}"), ("json", r"\{\{&lt; z &gt;\}\}"), ("no said", "template")]),
    ("code in MDX stays", {"a.mdx": md("```jsx\nimport A from './a'\n\n<A x={{ y: 1 }} />\n```\n\n`{{ z }}`")}, [("json", r"\{\{ y: 1 \}\}"), ("json", r"\{\{ z \}\}"), ("json", "import A")]),
    ("boxes in MDX", {"a.mdx": md("One.\n\n:::info[Mind]\n\nThe **gap**.\n\n:::\n\nAfter.")}, [("no json", ":::"), ("json", "<strong>gap"), ("json", "Mind")]),
    ("boxes in boxes", {"a.md": md("::::note\n\n:::tip\nA\n:::\n\nB\n\n::::\n\nC")}, [("no json", ":::"), ("json", "A.*B.*C")]),
    ("MkDocs", {"a.md": md("!!! warning \"Mind\"\n    The gap.\n\n    - one\n\nAfter.")}, [("no json", "!!!|<pre>"), ("json", "<li>one")]),
    ("GitHub's alerts", {"a.md": md("> [!NOTE]\n> The gap.")}, [("no json", r"\[!NOTE\]"), ("json", "The gap")]),
    ("components in MDX", {"a.mdx": md("import A from './a'\n\n<A title='x'>\n\nInside.\n\n</A>\n\n<B {...props} style={{ color: 'red' }} />\n\nAfter {props.name}.")}, [("json", "Inside"), ("json", "After"), ("no json", r"import A|\{\.\.\.|color|props")]),
    ("expressions in MDX", {"a.mdx": md("One {/* remark */}two.\n\nexport const x = {\n  a: 1,\n};\n\nAfter.")}, [("json", "One two|One  two"), ("no json", "export|remark|a: 1")]),
    ("raw", {"a.md": md("{% raw %}{{ shown }}{% endraw %}")}, [("json", r"\{\{ shown \}\}")]),
    ("Hexo's", {"a.md": md("{% blockquote Ada Keel %}\nWords.\n{% endblockquote %}\n\n{% codeblock lang:js %}\na < {{ b }}\n{% endcodeblock %}")}, [("json", "Words"), ("json", r"a &lt; \{\{ b \}\}")]),
    ("Liquid in an address", {"a.md": md("[x]({{ site.baseurl }}/fares/) [y]({% link _posts/2026-05-03-vote.md %}) [z]({{ '/b/' | relative_url }})"), "_posts/2026-05-03-vote.md": VOTE}, [("json", "https://tideway.example/fares/"), TO_VOTE, ("json", "https://tideway.example/b/")]),
    ("attributes", {"a.md": md("![A](https://x.example/f.png){: .right width=\"300\"}\n\nText.\n{: .lead}\n\n## Vote {#vote .x}")}, [("no json", r"\{:|\{#"), ("json", "<h2 id='vote'>")]),
    ("attributes of Pandoc", {"a.md": md("![A](https://x.example/f.png){width=50%} and [b](https://x.example){.btn target=_blank}")}, [("no json", r"\{[.w]")]),
    ("a table of contents", {"a.md": md("* TOC\n{:toc}\n\n[TOC]\n\n[[toc]]\n\nText.")}, [("no json", r"TOC|\[toc|\{:")]),
    ("in HTML files", {"a.html": f"{FRONT}---\n<p>A {{{{ page.title }}}} b {{% include x.html %}}</p>"}, [("no json", r"\{\{|\{%"), ("said", "template")]),
    ("in a title", {"a.md": "---\ntitle: Fares {{ site.name }} rise\n---\nx\n"}, [("no titles", r"\{\{")]),
    ("include captions", {"a.md": md("{% include image.html url=\"/i/f.png\" description=\"A ferry\" %}")}, [("json", "tideway.example/i/f.png")]),
    ("Hugo picture by name", {"n/a/index.md": md("{{< imgproc f Resize 500x >}}\nA ferry\n{{< /imgproc >}}"), "n/a/f.png": PNG}, [PIC, ("json", "A ferry")]),
    # 13 embeds
    ("youtube shortcode", {"a.md": md("{{< youtube id=\"abc123\" title=\"T\" >}}")}, [("json", "youtube.com/[^ ]*abc123")]),
    ("youtube Zola", {"a.md": md("{{ youtube(id=\"abc123\") }}")}, [("json", "youtube.com/[^ ]*abc123")]),
    ("vimeo", {"a.md": md("{% vimeo 12345 %}")}, [("json", "vimeo.com/12345")]),
    ("youtube component", {"a.mdx": md("<YouTube id=\"abc123\" />\n\n<LiteYouTubeEmbed id='def456' title='x' />")}, [("json", "youtube.com/[^ ]*abc123"), ("json", "youtube.com/[^ ]*def456")]),
    ("video", {"a.md": md("<video controls src='/v/a.mp4'></video>")}, [("json", "tideway.example/v/a.mp4")]),
    ("tweet", {"a.md": md("{{< tweet user=\"ada\" id=\"123456\" >}} {{< x user=\"tom\" id=\"77\" >}}")}, [("json", "(twitter|x)\\.com/ada/status/123456"), ("json", "(twitter|x)\\.com/tom/status/77")]),
    ("instagram and gist", {"a.md": md("{{< instagram BWNjjyYFxVx >}} {{< gist ada 0a1b2c >}}")}, [("json", "instagram.com/p/BWNjjyYFxVx"), ("json", "gist.github.com/ada/0a1b2c")]),
    ("an embed in a paragraph", {"a.md": md("Watch <iframe src='https://player.vimeo.com/video/9'></iframe> it.")}, [("json", "vimeo.com/9")]),
    ("a film alone on a line", {"a.md": md("https://www.youtube.com/watch?v=abc123")}, [("json", "href='https://www.youtube.com/watch\\?v=abc123'")]),
    # 14 lazy
    ("data-srcset", {"a.html": f"{FRONT}---\n<p>x <img data-srcset='https://x.example/s.jpg 1x, https://x.example/l.jpg 2x' src='data:,'></p>"}, [("json", "x.example/l.jpg")]),
    ("picture", {"a.md": md("<picture><source srcset='https://x.example/a.webp'><img src='https://x.example/a.jpg' alt='A'></picture>")}, [("json", "x.example/a.jpg")]),
    ("local data-src", {"n/a.html": f"{FRONT}---\n<p>x <img data-src='f.png'></p>", "n/f.png": PNG}, [PIC]),
    ("noscript", {"a.html": f"{FRONT}---\n<p>x <img class='lazy' data-lazy-src='https://x.example/a.jpg' src='/blank.gif'><noscript><img src='https://x.example/a.jpg'></noscript></p>"}, [("json", "x.example/a.jpg"), ("no json", "blank")]),
    # 15 IDN
    ("IDN picture", {"a.md": md("![x](https://bürgeramt.example/ü.png)")}, [("json", "https://xn--brgeramt-65a.example/%C3%BC.png")]),
    ("IDN autolink", {"a.md": md("<https://bürgeramt.example/>")}, [("json", "https://xn--brgeramt-65a.example/")]),
    ("IDN with a port", {"a.md": md("[x](https://bürgeramt.example:8443/a?b=ü#c)")}, [("json", "https://xn--brgeramt-65a.example:8443/a\\?b=%C3%BC#c")]),
    # 16 anchors
    ("a heading twice", {"a.md": md("[a](#vote) [b](#vote-1)\n\n## Vote\n\n## Vote")}, [("json", "id='vote'"), ("json", "id='vote-1'")]),
    ("a heading with marks", {"a.md": md("[a](#whats-new-in-20)\n\n## What's new in 2.0?")}, [("json", "id='whats-new-in-20'")]),
    ("a dead one", {"a.md": md("[a](#nowhere)")}, [("no json", "#nowhere"), ("said", "nowhere")]),
    ("an id of its own", {"a.md": md("[a](#v)\n\n## The vote {#v}")}, [("json", "<h2 id='v'>The vote</h2>")]),
    ("footnotes", {"a.md": md("x[^1]\n\n[^1]: A note.")}, [("json", "A note"), ("json", "id='fn")]),
    # 20 sibling links
    ("without an ending", {"a.md": md("[v](vote)"), "vote.md": VOTE}, [("json", "/articles/vote'>")]),
    ("a bundle", {"n/a/index.md": md("[v](../vote/index.md) [w](../vote/)"), "n/vote/index.md": VOTE}, [("json", "<a href='https://feeds.example/articles/vote'>v.*<a href='https://feeds.example/articles/vote'>w")]),
    ("ref by name", {"news/a.md": md("[v]({{< ref \"vote\" >}}) [w]({{< relref \"vote.md\" >}})"), "deep/in/there/vote.md": VOTE}, [("json", "<a href='https://feeds.example/articles/vote'>v.*<a href='https://feeds.example/articles/vote'>w")]),
    ("post_url", {"_posts/a.md": md("[v]({% post_url 2026-05-03-vote %})"), "_posts/2026/2026-05-03-vote.md": VOTE}, [TO_VOTE]),
    ("post_url with a folder", {"_posts/a.md": md("[v]({% post_url news/2026-05-03-vote %})"), "news/_posts/2026-05-03-vote.md": VOTE}, [TO_VOTE]),
    ("ref with a language", {"a.md": md("[v]({{< ref \"/news/vote.md\" >}})"), "content/news/vote.md": VOTE}, [TO_VOTE]),
    ("Zola", {"a.md": md("[v](@/news/vote.md#x)"), "news/vote.md": VOTE}, [("json", "/articles/vote#x'")]),
    ("html ending", {"a.md": md("[v](vote.html)"), "vote.md": VOTE}, [("json", "/articles/vote'")]),
    ("dead ref", {"a.md": md("[v]({{< ref \"nowhere\" >}})")}, [("said", "nowhere"), ("no json", "<a ")]),
    ("an absolute one at the portal", {"a.md": md("[v](https://feeds.example/articles/vote)"), "vote.md": VOTE}, [TO_VOTE]),
    # 21 links lost
    ("protocol-relative", {"a.md": md("[v](//port.example/x)")}, [("json", "https://port.example/x")]),
    ("a bare host", {"a.md": md("[v](port.example/x.html)")}, IN),
    ("no scheme in HTML", {"a.html": f"{FRONT}---\n<p>x <a href='www.port.example'>p</a></p>"}, [("json", "https://www.port.example")]),
    ("ftp", {"a.md": md("[v](ftp://port.example/x)")}, [("said", "ftp://port"), ("no json", "ftp:")]),
    ("spaces in it", {"a.md": md("<a href=' https://port.example/a b '>x</a>")}, [("json", "https://port.example/a%20b")]),
    # 23 languages
    ("file suffix", {"a.fr.md": md("x")}, [("json", '"language":"fr"')]),
    ("de_AT", {"a.md": md("x", "locale: de_AT\n")}, [("json", '"language":"de-AT"')]),
    ("a folder", {"fr/news/a.md": md("x")}, [("json", '"language":"fr"'), ("json", '"tags":\\["News"\\]')]),
    ("content folders", {"content/fr/news/a.md": md("x")}, [("json", '"language":"fr"'), ("no json", '"Content"|"content"')]),
    ("a bundle in two languages", {"a/index.md": md("x"), "a/index.fr.md": md("y").replace("Fares", "Tarifs")}, [*IN, ("titles", "Tarifs"), ("json", '"language":"fr"')]),
    ("de-at small", {"a.de-at.md": md("x")}, [("json", '"language":"de-AT"')]),
    ("three letters", {"a.md": md("x", "lang: gsw\n")}, [("json", '"language":"gsw"')]),
    ("language of Hugo", {"a.md": md("x", "languageCode: pt_br\n")}, [("json", '"language":"pt-BR"')]),
    # 24 folders
    ("Jekyll's category folders", {"news/_posts/2026-05-04-a.md": md("x")}, [("json", '"tags":\\["News"\\]')]),
    ("content and posts", {"content/posts/a.md": md("x")}, [("no json", '"tags":\\["Content"')]),
    ("source/_posts", {"source/_posts/a.md": md("x")}, [("no json", '"tags":\\["Source"')]),
    ("a bundle in a bundle", {"n/a/index.md": md("x"), "n/a/b/index.md": md("y").replace("Fares", "Boats")}, [*IN, ("titles", "Boats"), ("no json", '"A"|"B"')]),
    ("years", {"2026/05/a.md": md("x"), "blog/2026/b.md": md("y").replace("Fares", "Boats")}, [("no json", '"2026"')]),
    # 25 no articles
    ("section pages", {"n/_index.fr.md": "---\ntitle: N\n---\n", "a.md": md("x"), "README.MD": "x", "n/readme.markdown": "# x"}, [("no titles", "^(N|x)$"), ("no said", "fault|has no")]),
    ("authors of Docusaurus", {"authors.yml": "ada: {}", "a.md": md("x")}, IN),
    ("layouts", {"_layouts/post.html": "<p>{{ content }}</p>", "_includes/x.md": "x", "a.md": md("x"), "404.html": "<h1>Not found</h1><p>x</p>", "404.md": "# Not found\n\nx"}, [("no titles", "Not found"), ("no said", "has no title")]),
    ("templates", {"archetypes/default.md": "---\ntitle: '{{ .Name }}'\n---\n", "templates/x.html": "<h1>{{ x }}</h1><p>a</p>", "themes/y/layouts/a.html": "<h1>z</h1>", "a.md": md("x")}, [("no titles", "^z$|\\{\\{|^$")]),
    ("conflict copies", {"a.md": md("x"), "a.sync-conflict-20260504-090000-ABC.md": md("y"), "a (1) (conflicted copy 2026-05-04).md": md("z"), "a (Konflikt-Kopie von Ada 2026-05-04).md": md("w"), "a-DESKTOP-AB12.md": md("v")}, [*IN, ("said", "sync-conflict"), ("said", "conflicted copy"), ("said", "Konflikt")]),
    ("Icon and lock files", {"~$a.md": "x", ".#a.md": "x", "a.md": md("x"), "a.md.orig": "x", "a.md.bak": "x"}, [*IN, ("said", r"~\$a")]),
    # 28 rel, lang
    ("ugc", {"a.html": f"{FRONT}---\n<p><a href='https://s.example/' rel='UGC noopener'>x</a></p>"}, [("json", "rel='ugc'")]),
    ("lang of a part", {"a.md": md("He said <span lang='fr'>oui</span>.\n\n<p dir=\"rtl\" lang=\"ar\">نعم</p>")}, [("json", "<span lang='fr'>"), ("json", "<p dir='rtl' lang='ar'>|<p lang='ar' dir='rtl'>")]),
    ("sponsored in Markdown", {"a.md": md('[x](https://s.example){:rel="sponsored"} and <a rel=sponsored href=https://t.example>y</a>')}, [("json", "rel='sponsored'")]),
    ("a block in another direction", {"a.md": md("<div dir='rtl'>\n\nنعم\n\n</div>")}, [("json", "<div dir='rtl'>")]),
    # 30 twice
    ("another query", {"a.md": md("![C](https://cdn.example/c.jpg?w=900)\n\nx", "image: https://cdn.example/c.jpg?w=300\n")}, [("no json", "<img.*<img")]),
    ("a size suffix", {"a.md": md("![C](https://cdn.example/c-1024x768.jpg)\n\nx", "image: https://cdn.example/c.jpg\n")}, [("no json", "<img.*<img")]),
    ("scaled", {"a.md": md("![C](https://cdn.example/c-scaled.jpg)\n\nx", "image: https://cdn.example/c-300x200.jpg\n")}, [("no json", "<img.*<img")]),
    ("a local one", {"n/a.md": md("![C](f.png)\n\nx", "image: f.png\n"), "n/f.png": PNG}, [("no json", "<img.*<img"), PIC]),
    ("scheme", {"a.md": md("![C](http://cdn.example/c.jpg)\n\nx", "image: https://cdn.example/c.jpg\n")}, [("no json", "<img.*<img")]),
    ("retina", {"a.md": md("![C](https://cdn.example/c@2x.jpg)\n\nx", "image: https://cdn.example/c.jpg\n")}, [("no json", "<img.*<img")]),
    ("another picture stays", {"a.md": md("![C](https://cdn.example/d.jpg)\n\nx", "image: https://cdn.example/c.jpg\n")}, [("json", "c.jpg.*d.jpg|d.jpg.*c.jpg")]),
]


@pytest.mark.parametrize(("files", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_it(newsroom: Newsroom, files: dict[str, str | bytes], expected: list[Expected]) -> None:
    assert not found_wrong(newsroom, files, expected)
