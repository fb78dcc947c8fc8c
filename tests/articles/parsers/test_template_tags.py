"""Template tags of other makers: what is understood, what goes and is said, and what is code and stays."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.articles.parsers import read
from feedsvc.articles.parsers.faults import Faults
from feedsvc.articles.parsers.template_tags import MAX_TOLD, _Reader, without_tags
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls

URLS = Urls("https://feeds.example", Site(url="https://tideway.example"))


def left(text: str, path: str = "a.md", markdown: bool = True) -> tuple[str, list[tuple[int, str]]]:
    faults = Faults(path)
    return without_tags(text, 5, path, faults, markdown), [(fault.line, fault.reason) for fault in faults.warnings]


def gone(line: int, tag: str) -> tuple[int, str]:
    return line, f'the template tag "{tag}" is taken out'


@pytest.mark.parametrize(
    ("written", "text", "warnings"),
    [
        ("See {% include fares.html %}.", "See .", [gone(5, "{% include fares.html %}")]),
        ("One\n\n{{ page.date | date: '%Y' }} two", "One\n\n two", [gone(7, "{{ page.date | date: '%Y' }}")]),
        ("{%- if x -%}shown{%- endif -%}", "shown", [gone(5, "{%- if x -%}")]),
        ("{% if x\n  and y %}a\n{{ b }}", "\na\n", [gone(5, "{% if x and y %}"), gone(7, "{{ b }}")]),
        ("{{< note >}}Hi{{< /note >}}", "Hi", [gone(5, "{{< note >}}")]),
        ("{{% notice tip %}}Hi{{% /notice %}}", "Hi", [gone(5, "{{% notice tip %}}")]),
        ("{{{ body }}}", "", [gone(5, "{{{ body }}}")]),
        ('!!! note "Mind"\n    The gap.\n\nAfter', "**Mind**\nThe gap.\n\nAfter", [gone(5, '!!! note "Mind"')]),
        ("a\n\n??? info\n    b\n", "a\n\n\nb\n", [gone(7, "??? info")]),
        (":::tip[Tides]\nHigh.\n:::", "**Tides**\nHigh.\n", [gone(5, ":::tip[Tides]")]),
        ("::: warning Mind\nx\n:::", "**Mind**\nx\n", [gone(5, "::: warning Mind")]),
        ("::: {.box #a}\nx\n:::", "\nx\n", [gone(5, "::: {.box #a}")]),
        ("{# a note #}a", "a", []),
        ("{% comment %}a\nb{% endcomment %}c", "\nc", []),
        ("[x](y){:target='_blank'}", "[x](y)", []),
        ("## Vote\n{: #the-vote}\nx", "## Vote {#the-vote}\nx", []),
    ],
)
def test_a_tag_goes_and_is_said(written: str, text: str, warnings: list[tuple[int, str]]) -> None:
    assert left(written) == (text, warnings)


@pytest.mark.parametrize(
    "code",
    [
        "`{{ x }}`",
        "``a ` {{ x }}``",
        "```\n{{ x }}\n!!! note\n:::\n```",
        "~~~ yaml\n{% x %}\n~~~",
        "- a\n\n  ```\n  {{ x }}\n  ```",
        "> ```\n> {{ x }}\n> ```",
        "a\n\n    {{ x }}\n    {% y %}\n\nb",
        "\t{{ x }}",
        "<pre>\n{{ x }}\n\n{{ y }}</pre>",
        "<code>{{ x }}</code>",
        "<!-- {% x %} -->",
        "```\n{{ never closed }}",
        "a {b} {c: d} { {e} } 100 % {#place}",
    ],
)
def test_code_stays_as_it_is(code: str) -> None:
    assert left(code) == (code, [])


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("{% raw %}{{ x }}{% endraw %} y", "{{ x }} y"),
        ("{% highlight ruby %}\nputs {{ 1 }} < 2\n{% endhighlight %}", "<pre><code>puts {{ 1 }} &lt; 2</code></pre>"),
        ("{{< highlight go >}}\na\n{{< /highlight >}}", "<pre><code>a</code></pre>"),
        ("{{</* youtube x */>}}", "{{&lt; youtube x &gt;}}"),
        ("{{< youtube abc123 >}}", '<iframe src="https://www.youtube.com/embed/abc123" title=""></iframe>'),
        ("{% youtube https://youtu.be/abc123?t=1 %}", '<iframe src="https://www.youtube.com/embed/abc123" title=""></iframe>'),
        (
            '{% include youtube.html id="abc123" title="A & b" %}',
            '<iframe src="https://www.youtube.com/embed/abc123" title="A &amp; b"></iframe>',
        ),
        ("{{< vimeo 146022717 >}}", '<iframe src="https://player.vimeo.com/video/146022717" title=""></iframe>'),
        (
            '{{< figure src="a.png" alt="A" caption="B & c" >}}',
            '<figure><img src="a.png" alt="A"><figcaption>B &amp; c</figcaption></figure>',
        ),
        ("{{< figure src='a.png' title='T' />}}", '<figure><img src="a.png" alt="T"><figcaption>T</figcaption></figure>'),
        ("{% asset_img a.png 300 200 'A title' %}", '<img src="a.png" alt="A title">'),
        ('{% include figure image_path="/a.png" alt="A" %}', '<img src="/a.png" alt="A">'),
        ("[x]({% post_url 2026-05-04-vote %})", "[x](@ref/2026-05-04-vote)"),
        ("[x]({% link _posts/2026-05-04-vote.md %})", "[x](@ref/_posts/2026-05-04-vote.md)"),
        ("[x]({% link assets/a.pdf %})", "[x](/assets/a.pdf)"),
        ('[x]({{< ref "vote.md#part" >}})', "[x](@ref/vote.md#part)"),
        ('[x]({{% relref path="news/vote" %}})', "[x](@ref/news/vote)"),
        ("{% post_link vote The vote %}", "[The vote](@ref/vote)"),
    ],
)
def test_what_is_plain_is_understood(written: str, text: str) -> None:
    shown, warnings = left(written)
    assert (shown.rstrip("\n"), warnings) == (text, [])


@pytest.mark.parametrize(
    ("written", "text", "becomes"),
    [
        ("![a]({{ site.url }}/a.png)", "![a](/a.png)", ""),
        ("![a]({{site.baseurl}}/a.png)", "![a](/a.png)", ""),
        ("[a]({{ SITEURL }})", "[a](/)", "/"),
        ("[a]({{ '/a b/' | relative_url }})", "[a](/a%20b/)", "/a%20b/"),
        ('[a]({{ "a/" | absolute_url }})', "[a](/a/)", "/a/"),
        ('[a]({{ get_url(path="@/blog/b.md") }})', "[a](@/blog/b.md)", "@/blog/b.md"),
    ],
)
def test_the_portals_own_address_is_understood_and_said(written: str, text: str, becomes: str) -> None:
    shown, [(_, warning)] = left(written)
    assert (shown, warning.endswith(f'is read as "{becomes}"')) == (text, True)


def test_what_mdx_imports_goes() -> None:
    text = "import Map from '@site/map'\nexport const a = 1\n\nimport of wheat"
    assert left(text, "a.mdx") == ("\n\n\nimport of wheat", [gone(5, "import Map from '@site/map'"), gone(6, "export const a = 1")])
    assert left(text) == (text, [])
    assert left("<iframe src='x' /> more") == ("<iframe src='x' ></iframe> more", [])


def test_in_html_neither_indents_nor_ticks_are_code() -> None:
    shown = left("    `{{ x }}` <code>{{ y }}</code>", "a.html", markdown=False)
    assert shown == ("    `` <code>{{ y }}</code>", [gone(5, "{{ x }}")])


def test_of_many_tags_the_first_are_said_and_the_rest_counted() -> None:
    _, warnings = left("{{ x }}\n" * (MAX_TOLD + 3))
    assert len(warnings) == MAX_TOLD + 1
    assert (5, "3 more template tags are taken out") in warnings


def test_nothing_of_it_is_published() -> None:
    body = "{{< youtube abc >}}\n\n## A {#b}\n\n[c](#b) {% x %} `{{ y }}`\n\n![d]({{ site.url }}/d.png)\n"
    article = read("a.md", f"---\ntitle: T\n---\n{body}".encode(), URLS).article
    assert article.body == (
        '<p><a href="https://www.youtube.com/watch?v=abc">www.youtube.com</a></p>\n<h2 id="b">A</h2>\n'
        '<p><a href="https://feeds.example/articles/a#b">c</a>  <code>{{ y }}</code></p>\n'
        '<p><img src="https://tideway.example/d.png" alt="d"></p>'
    )


PIECES = st.sampled_from(
    [
        *"{}%#<>!:`~'\"/ \n\t*",
        "{{",
        "}}",
        "{%",
        "%}",
        "{{<",
        ">}}",
        "raw",
        "endraw",
        "youtube a",
        "```",
        "~~~",
        "<pre>",
        "</pre>",
        "!!! a",
        ":::",
        "    ",
        "- ",
        "<!--",
        "-->",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join), st.booleans())
@example("{{{{}}}}", True)
@example("```\n``` `{{", True)
def test_any_text_keeps_its_lines_and_its_words(text: str, markdown: bool) -> None:
    shown, warnings = left(text, markdown=markdown)
    assert shown.count("\n") <= text.count("\n") + 1
    assert all(5 <= line <= 5 + text.count("\n") for line, _ in warnings)
    code = ("`", "~", "    ", "\t", "<", "raw")
    assert not re.search(r"\{%[^{%]*%\}", shown) or any(sign in text for sign in code)


_PIECES = (
    *("a", "Import", "import x from 'y'", "export", " important", "::", "!!", "??", ":", "!", "?", "[x](y)", "]", "`", "    "),
    *("- ", "> ", "{", "}", "[toc]", "[TOC]", "/", ">", "{{ b }}", "[!NOTE]", "\n", "\n\n"),
)


@given(st.lists(st.sampled_from(_PIECES)).map("".join))
def test_what_is_not_searched_for_tags_has_none(text: str) -> None:
    assert left(text)[0] == _Reader(text, 5, False, Faults("a.md"), True).read()
