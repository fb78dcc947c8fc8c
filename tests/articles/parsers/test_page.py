"""Raw portal pages: own-written ones always, real ones from the folder that the test run names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from feedsvc.articles.parsers import Reading, read
from feedsvc.errors import ArticleError
from feedsvc.model.article import Article
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls

PAGES = Path(__file__).parent.parent.parent / "data" / "pages"
SITE = Site(title="The Quay Gazette", tagline="News from the waterside", links=(("Mastodon", "https://social.example/"),))
ADDRESSES = Urls("https://feeds.example", SITE)


def reading(text: str, path: str = "harbour/page.txt") -> Reading:
    return read(path, text.encode(), ADDRESSES)


def article(text: str) -> Article:
    return reading(text).article


def sample(name: str) -> Article:
    return read(f"harbour/2026-05-21-{name}", (PAGES / name).read_bytes(), ADDRESSES).article


def test_a_whole_page() -> None:
    page = sample("full.txt")
    assert page.title == "Lighthouse Keeper Hands Over the Keys After Forty Years"
    assert page.slug == "full"
    assert page.folder == "harbour"
    assert page.standfirst.startswith("The last keeper of the Stonewell light retires on Friday. From then on")
    assert page.key_points == (
        "The Stonewell light has burned since 1871.",
        "Its keeper, Ada Keel, is 64.",
        "The lamp will be watched from the harbour office.",
    )
    assert page.why_it_matters == "It was the last lighthouse on this coast with a keeper of its own."
    assert page.what_it_means == "Boats find the harbour as before; the tower opens to visitors in June."
    assert page.body.count("<p>") == 2
    assert "a flask of tea &amp; a broom" in page.body
    assert "snow &lt; 1 metre" in page.body
    assert "Facebook had not been thought of" in page.body
    assert page.breaking is False


def test_a_page_without_frame_points_or_labels() -> None:
    page = sample("short.txt")
    assert page.title == "Bakery Opens Before Dawn"
    assert page.standfirst == "From Monday the ovens in Mill Lane are lit at three."
    assert page.body == "<p>The first loaves are sold at five, to the crews of the early boats.</p>"
    assert page.key_points == ()


def test_what_has_no_place_stays_in_the_body() -> None:
    page = sample("parts-missing.txt")
    assert page.title == "Ferry Runs Late on Fridays"
    assert page.standfirst == ""
    assert page.key_points == ("The last boat leaves at eleven.", "Fares stay as they are.")
    assert page.what_it_means == "A return ticket is good for both boats."
    assert page.why_it_matters == ""
    assert page.body == (
        "<p>The union had asked for it for years.</p>\n<p>These boats stop running in winter:</p>\n"
        "<ul><li>the Heron</li>\n<li>the Hern</li></ul>\n<p>A last word stands after the label.</p>"
    )


def test_the_real_pages_leave_none_of_the_portal_s_lines() -> None:
    folder = os.environ.get("FEEDSVC_TEST_PORTAL_PAGES")
    for path in [*sorted(Path(folder).glob("*.txt") if folder else ()), PAGES / "full.txt"]:
        page = read(f"politics/{path.name}", path.read_bytes(), ADDRESSES).article
        assert page.title
        assert page.standfirst
        assert len(page.key_points) >= 3
        assert page.body.count("<p>") >= 2
        shown = "\n".join((page.title, page.standfirst, *page.key_points, page.body, page.why_it_matters, page.what_it_means))
        for line in ("News Portal", "Around The Clock", "BREAKING", "Loading latest", "Get the news", "Join thousands", "•"):
            assert line not in shown
        assert page.why_it_matters and page.what_it_means
        assert "this matters:" not in shown and "means for you:" not in shown


def test_the_site_s_own_lines_are_dropped_at_both_ends() -> None:
    above, below = "The Quay Gazette\nNews from the waterside\nMastodon\n\n", "\n\nMastodon\nThe Quay Gazette\n"
    page = article(f"{above}Title\n\nStandfirst.\n\nBody.{below}")
    assert (page.title, page.standfirst, page.body) == ("Title", "Standfirst.", "<p>Body.</p>")


def test_only_whole_lines_at_the_ends_are_dropped_and_each_once() -> None:
    page = article("Facebook\n\nFacebook\n\nFacebook is mentioned.\n\nBREAKING\n\nJoin thousands of readers at the fair.")
    assert page.title == "Facebook"
    assert page.body == "<p>BREAKING</p>\n<p>Join thousands of readers at the fair.</p>"


@pytest.mark.parametrize("invitation", ["Join thousands of readers today.", "Join thousands of readers."])
def test_the_invitation_goes_with_the_line_above_it(invitation: str) -> None:
    page = article(f"Title\n\nFirst.\n\nSecond.\n\nGet the news that matters.\n\n{invitation}\n")
    assert page.body == "<p>Second.</p>"


def test_a_single_paragraph_is_the_body() -> None:
    page = article("Title\n\nAll there is to say.")
    assert (page.standfirst, page.body) == ("", "<p>All there is to say.</p>")


def test_a_label_alone_takes_the_paragraph_below_and_a_second_one_stays() -> None:
    page = article("Title\n\nBody.\n\nWHY THIS MATTERS:\n\nBecause.\n\nWhy this matters: Again.\n\nEnd.")
    assert page.why_it_matters == "Because."
    assert page.body == "<p>Why this matters: Again.</p>\n<p>End.</p>"


def test_lines_are_joined_and_points_go_on_where_they_are_indented() -> None:
    page = article("Title\n\nStand\nfirst.\n\n  • One\n    goes on\n• Two\n\nBody\nlines.")
    assert page.standfirst == "Stand first."
    assert page.key_points == ("One goes on", "Two")
    assert page.body == "<p>Body lines.</p>"


def test_front_matter_wins_over_the_text() -> None:
    front = "---\ntitle: Mine\nstandfirst: Also mine\nkey_points: [A]\n---\n"
    page = reading(f"{front}BREAKING\n\nTheirs\n\nOld.\n\n• B\n\nBody.\n\nWhy this matters: X")
    assert page.article.title == "Mine"
    assert page.article.standfirst == "Also mine"
    assert page.article.key_points == ("A",)
    assert page.article.why_it_matters == "X"
    assert page.article.body == "<p>Body.</p>"
    assert [str(warning) for warning in page.warnings] == [
        'harbour/page.txt:8: warning: the title "Theirs" is ignored: the front matter has another'
    ]


def test_a_text_without_its_own_title_loses_nothing_to_the_front_matter() -> None:
    page = article("---\ntitle: Mine\nstandfirst: Also mine\n---\nFirst paragraph\ngoes on.\n\nSecond.")
    assert page.body == "<p>First paragraph goes on.</p>\n<p>Second.</p>"


@pytest.mark.parametrize(
    "text",
    [
        "Title",
        "Title\n\nStandfirst.\n\n  • A point.",
        "BREAKING\nFacebook\n",
        "Title\n\nStandfirst.\n\n• One\n\nWhy this matters: It does.\n\nGet the news that matters.",
    ],
)
def test_a_page_without_a_body_is_refused(text: str) -> None:
    with pytest.raises(ArticleError, match="no body"):
        article(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * 1001 + "\n\nBody.", r":1: title has 1,001 characters"),
        ("Title\n\n" + "• x\n" * 51 + "\nBody.", "there are 51 key points"),
        ("Title\n\n• " + "x" * 1001 + "\n\nBody.", "a key point has more than 1,000"),
        ("Title\n\nBody.\n\nWhy this matters: " + "x" * 10_001, "why_it_matters has 10,001"),
    ],
)
def test_limits_hold_for_what_the_text_gives(text: str, reason: str) -> None:
    with pytest.raises(ArticleError, match=reason):
        article(text)
