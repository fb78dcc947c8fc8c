"""What readers see of an article."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from html import escape, unescape
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from feedsvc.formats import content
from feedsvc.model.article import Article, Claim
from support.newsroom import FULL, HOSTILE, PICTURE, PLAIN, SITE, entries, hostile_entry, make_entry, texts


def test_every_part_stands_under_its_label_in_the_readers_order():
    assert content.html(make_entry(replace(FULL, retracted="The timetable was a draft.")), SITE.zone) == (
        "<p><strong>Retracted:</strong> The timetable was a draft.</p>"
        "<p><strong>Reported:</strong> this has not been confirmed.</p>"
        '<figure><img src="https://feeds.quay.example/media/harbour/dusk.jpg" alt="The harbour at dusk" width="1200" height="675">'
        "<figcaption><small>Photograph: A. Keel</small></figcaption></figure>"
        "<h2>Key points</h2><ul><li>From June</li><li>Fridays only</li></ul>"
        f"{FULL.body}"
        "<h2>Why this matters</h2><p>Late shifts end after the present last boat.</p>"
        "<h2>What this means for you</h2><p>Your return ticket is good for the later boat.</p>"
        '<h2>Corrections</h2><ul><li><time datetime="2026-05-21T23:30:00Z">22 May 2026</time>: '
        "The boat is the Heron, not the Hern.</li></ul>"
    )


def test_what_an_article_lacks_leaves_no_trace():
    assert content.html(make_entry(PLAIN)) == PLAIN.body


@pytest.mark.parametrize(("claim", "seen"), [(None, False), (Claim.CONFIRMED, False), (Claim.REPORTED, True)])
def test_only_an_unconfirmed_claim_is_marked(claim, seen):
    assert ("Reported:" in content.html(make_entry(replace(PLAIN, claim=claim)))) is seen


def test_a_correction_is_dated_in_the_zone_asked_for():
    assert ">22 May 2026<" in content.html(make_entry(), SITE.zone)
    assert ">21 May 2026<" in content.html(make_entry(), UTC)


def test_a_text_of_several_paragraphs_keeps_them():
    markup = content.html(make_entry(replace(PLAIN, why_it_matters="One.\n\nTwo & three.\n \n\nFour.")))
    assert markup.endswith("<p>One.</p><p>Two &amp; three.</p><p>Four.</p>")


def test_the_plain_text_says_the_same():
    assert content.text(make_entry(), SITE.zone) == (
        "Reported: this has not been confirmed.\n\nPhotograph: A. Keel\n\nKey points\n\nFrom June\nFridays only\n\n"
        "The last boat will leave at eleven.\n\nWhy now\n\nShops asked for it, said the union.\n\n"
        "Why this matters\n\nLate shifts end after the present last boat.\n\n"
        "What this means for you\n\nYour return ticket is good for the later boat.\n\n"
        "Corrections\n\n22 May 2026: The boat is the Heron, not the Hern."
    )


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one</p>\n<p>two</p>", "one\n\ntwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("a\n  line\tbroken", "a line broken"),
        ("<ul><li>one</li><li><p>two</p></li></ul>", "one\n\ntwo"),
        ("<table><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ('<a title="5 > 4" href="/?a=1&amp;b">five</a>', "five"),
        ("<p>5 &lt; 6 &amp;amp; 7&nbsp;&#8364;</p>", "5 < 6 &amp; 7\u00a0€"),
        ("<p>&lt;script&gt;</p>", "<script>"),
        ("Straße <em>na</em>ïve <b>日本</b>語", "Straße naïve 日本語"),
        ("", ""),
    ],
)
def test_plain(markup, text):
    assert content.plain(markup) == text


@pytest.mark.parametrize("part", ["<", "<a ", '<a"', '<a "', "<p>", "<td>", " ", "\n", "&", '<a b="'])
def test_plain_is_fast_on_any_input(part):
    started = process_time()
    content.plain(part * (400_000 // len(part)))
    assert process_time() - started < 2


@given(texts())
def test_plain_gives_an_escaped_text_back(text):
    assert content.plain(f"<p>{escape(text)}</p>") == text


@pytest.mark.parametrize(
    ("article", "summary"),
    [
        (FULL, FULL.standfirst),
        (PLAIN, "They hang at the lock."),
        (replace(PLAIN, body="<p>One.</p><ul><li>two</li><li>three</li></ul>"), "One. two three"),
        (replace(PLAIN, body='<img src="https://quay.example/x.png">'), PLAIN.title),
        (replace(PLAIN, body=f"<p>{'quay ' * 100}</p>"), f"{('quay ' * 60).strip()[:299]}…"),
        (replace(PLAIN, body=f"<p>{'港' * 400}</p>"), f"{'港' * 300}…"),
    ],
)
def test_the_summary_is_one_short_paragraph(article, summary):
    assert content.summary(make_entry(article)) == summary


@settings(max_examples=60)
@given(entries())
def test_a_summary_is_never_empty(entry):
    assert content.summary(entry)


def test_hostile_texts_are_escaped_and_all_there():
    entry = hostile_entry()
    markup = content.html(entry)
    assert "<script" not in markup
    tree = lxml_html.fromstring(f"<div>{markup}</div>")
    assert {element.tag for element in tree.iter()} == {
        *("div", "p", "strong", "figure", "img", "figcaption", "small", "h2", "ul", "li", "time")
    }
    assert tree.find(".//img").get("alt") == HOSTILE
    assert content.text(entry).count(HOSTILE) == 7


@settings(max_examples=60)
@given(entries())
def test_every_text_of_any_article_is_in_its_content(entry):
    markup, text, article = content.html(entry), content.text(entry), entry.article
    corrections = [correction.text for correction in article.corrections]
    for part in (*article.key_points, article.why_it_matters, article.what_it_means, article.retracted or "", *corrections):
        assert escape(part, quote=False) in markup
        assert part in text
    assert article.body in markup


@pytest.mark.parametrize("size", [{"width": None}, {"height": None}, {"width": None, "height": None}])
def test_a_figure_tells_the_size_that_is_known(size):
    markup = content.figure(replace(PICTURE, **size, credit="", alt='"5" > 4'))
    assert unescape(markup.split('alt="')[1].split('"')[0]) == '"5" > 4'
    assert "figcaption" not in markup
    assert [side for side in ("width", "height") if f"{side}=" in markup] == [s for s in ("width", "height") if s not in size]


PARTS = ["<p>one two </p>", "<h2>three</h2>", "<p><b>four</b></p>", "text ", f"<p>{'five ' * 900}</p>"]


@given(st.lists(st.sampled_from(PARTS), max_size=12))
def test_a_long_articles_summary_is_that_of_its_whole_text(parts):
    body = "".join(parts)
    whole = content.plain(body).replace("\n\n", " ").replace("\n", " ")
    shown = content.summary(make_entry(replace(PLAIN, body=body)))
    assert shown == (whole or PLAIN.title) if len(whole) <= content.EXCERPT else whole.startswith(shown.removesuffix("…"))


def test_what_scrolls_sideways_can_be_reached_without_a_mouse() -> None:
    text = '<p title="&lt;table&gt;">&lt;pre&gt;</p>'
    body = f'<table><tr><td>a<table dir="rtl"><tr><td>b</td></tr></table></td></tr></table><pre>c</pre>{text}'
    shown = content.on_page(Article(title="t", slug="s", body=body))
    region = '<div class="scroll" role="group" aria-label="Table" tabindex="0">'
    inner = f'{region}<table dir="rtl"><tr><td>b</td></tr></table></div>'
    outer = f"{region}<table><tr><td>a{inner}</td></tr></table></div>"
    assert shown == f'{outer}<pre tabindex="0">c</pre>{text}'
