"""How to follow: every address with how to use it, every topic, and the lines that put the headlines on another site. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from feedsvc.formats import ticker_script
from feedsvc.formats.page_base import current, render_page
from feedsvc.model.site import Topic
from feedsvc.model.urls import TOPICS_PATH, Urls, headlines_path

# Feed readers by device, in alphabetical order, with their makers' own addresses.
_NETNEWSWIRE, _THUNDERBIRD = ("NetNewsWire", "https://netnewswire.com/"), ("Thunderbird", "https://www.thunderbird.net/")
_FLUENT = ("Fluent Reader", "https://hyliu.me/fluent-reader/")
APPS = (
    (
        "iPhone and iPad",
        (_NETNEWSWIRE, ("Reeder", "https://reederapp.com/"), ("Unread", "https://www.goldenhillsoftware.com/unread/")),
    ),
    ("Android", (("Feeder", "https://github.com/spacecowboy/Feeder"), ("Read You", "https://github.com/ReadYouApp/ReadYou"))),
    ("Windows", (_FLUENT, ("RSS Guard", "https://github.com/martinrotter/rssguard"), _THUNDERBIRD)),
    ("Mac", (_FLUENT, _NETNEWSWIRE, _THUNDERBIRD, ("Vienna", "https://www.vienna-rss.com/"))),
    ("Linux", (("Liferea", "https://lzone.de/liferea/"), ("Newsboat", "https://newsboat.org/"), _THUNDERBIRD)),
    (
        "In the browser",
        (
            *(("Feedbin", "https://feedbin.com/"), ("Feedly", "https://feedly.com/"), ("Inoreader", "https://www.inoreader.com/")),
            *(("NewsBlur", "https://www.newsblur.com/"), ("The Old Reader", "https://theoldreader.com/")),
        ),
    ),
    ("On a server of your own", (("FreshRSS", "https://freshrss.org/"), ("Miniflux", "https://miniflux.app/"))),
)


def follow(topics: Sequence[Topic], addresses: Urls) -> bytes:
    """The page `/follow`: how to follow the portal, for people who have never used a feed, and the addresses of every topic."""
    return render_page("follow.html", addresses.site, addresses, topics=current(topics), apps=APPS)


def embedding(topics: Sequence[Topic], addresses: Urls) -> bytes:
    """The page `/embed`: the headlines on somebody's own site, as they choose, and the lines to paste for that."""
    return render_page("embedding.html", addresses.site, addresses, topics=current(topics), lines=_lines(addresses))


def every_topic(topics: Sequence[Topic], addresses: Urls) -> bytes:
    """The page `/topics`: every topic that there is."""
    return render_page("topics.html", addresses.site, addresses, TOPICS_PATH, topics=current(topics))


def _lines(addresses: Urls) -> dict[str, str]:
    """What a site owner pastes to embed the ticker: two lines of script and markup, or a frame where scripts are not allowed."""
    name = escape(addresses.site.title)
    script, source = addresses.url(ticker_script.versioned_path()), addresses.url(headlines_path("all"))
    frame = escape(addresses.url(ticker_script.embed_path("all", "line")))
    shape = 'width="100%" height="132" frameborder="0" loading="lazy"'
    iframe = f'<iframe src="{frame}" title="Latest headlines from {name}" {shape}></iframe>'
    integrity = ticker_script.integrity()
    return {
        "element": f'<script type="module" src="{script}" integrity="{integrity}" crossorigin="anonymous"></script>\n'
        f'<headline-ticker src="{source}"><a href="{addresses.topic("all")}">Latest headlines</a></headline-ticker>',
        "frame": iframe,
        "noscript": f"<noscript>{iframe}</noscript>",
        "style": "headline-ticker { color-scheme: light dark }",
    }
