"""What of an article's HTML may be published: an allow-list fit for news, and nh3 (ammonia) to enforce it. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from urllib.parse import unquote

import nh3

from feedsvc.articles.parsers.anchors import anchor, with_anchors
from feedsvc.articles.parsers.embeds import EMBEDS, embedded, source_of, with_messages
from feedsvc.articles.parsers.image_sources import SOURCES, largest, sources
from feedsvc.articles.parsers.links import Links, web_link
from feedsvc.articles.parsers.markup import regular, texts
from feedsvc.articles.parsers.rendered import rewritten
from feedsvc.text import character_data

_WORDS = "abbr b bdi bdo br cite code dfn em hr i kbd mark q s samp small span strong sub sup time u var wbr"
_BLOCKS = "blockquote div dl dt dd figure figcaption h2 h3 h4 h5 h6 p pre ul table caption thead tbody tfoot tr"
_CHANGE = frozenset({"cite", "datetime"})
_CELL = frozenset({"colspan", "rowspan", "align"})
# Each element with its attributes; those under "*" any may have.
ALLOWED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys((*_WORDS.split(), *_BLOCKS.split()), frozenset[str]()),
    "a": frozenset({"href", "title", "rel", "aria-label"}),
    "abbr": frozenset({"title"}),
    "blockquote": frozenset({"cite"}),
    "del": _CHANGE,
    "ins": _CHANGE,
    "img": frozenset({"src", "alt", "title", "width", "height"}),
    "li": frozenset({"value"}),
    "ol": frozenset({"start", "type", "reversed"}),
    "td": _CELL,
    "th": _CELL | {"scope"},
    "time": frozenset({"datetime"}),
    "*": frozenset({"lang", "dir", "id"}),
}
_KEPT = {name: attributes | ALLOWED["*"] for name, attributes in ALLOWED.items() if name != "*"}
# What is read and not kept: where a picture is, and the old way to name a place.
_READ = {
    **_KEPT,
    "a": _KEPT["a"] | {"name"},
    "img": _KEPT["img"] | SOURCES,
    "picture": frozenset[str](),
    "source": frozenset({"srcset", "data-srcset"}),
}
# An article's title is the page's own h1; blocks keep their paragraphs apart; old names have new ones.
_RENAMED = {
    "h1": "h2",
    **dict.fromkeys(("address", "article", "aside", "center", "details", "dialog", "fieldset", "footer", "form", "header"), "div"),
    **dict.fromkeys(("hgroup", "legend", "main", "nav", "section", "summary", "search"), "div"),
    **dict.fromkeys(("dir", "menu"), "ul"),
    "strike": "s",
    "tt": "code",
}
# Elements whose id is kept though nothing in the article leads to it: other pages link to headings, and notes to each other.
_ANCHORED = frozenset({"a", "li", "h2", "h3", "h4", "h5", "h6"})
_RELS = frozenset({"sponsored", "nofollow", "ugc", "license", "me"})  # what a link is; not what it opens
_SHOWS_OR_LEADS = frozenset({"a", "img", "picture", "source"})
_LOST = frozenset({"svg", "math", "canvas", "select", "textarea", *EMBEDS})
# No rel is added: nothing opens in a new window, and a newsroom may be known by the sites to which it links.
_CLEANER = nh3.Cleaner(
    tags=set(_KEPT),
    attributes={name: set(attributes) for name, attributes in ALLOWED.items()},
    url_schemes={"http", "https", "mailto", "tel"},
    url_relative="deny",
    link_rel=None,
)


def sanitise(html: str, base: str, links: Links | None = None) -> tuple[str, int | None]:
    """An article's body as it may be published, every address in it absolute against `base`, or as `links` gives it.

    Also says at which offset of `html` something stands that is not closed and hid the rest; what else is not shown is noted in
    `links`. Sanitising once more changes nothing. Raises `markup.MarkupError`.
    """
    links = links or Links(base)
    html = with_messages(html, links.keep_quote)
    plain = rewritten(html, _READ, _RENAMED, _Rewriter(links, None).attributes)
    return _repaired(html, links) if plain is None else (plain, None)


def _repaired(html: str, links: Links) -> tuple[str, int | None]:
    """The same of any HTML whatever."""
    html, anchors = with_anchors(html)
    rewriter = _Rewriter(links, anchors)
    markup, unclosed = regular(character_data(html), _READ, _RENAMED, rewriter.attributes, rewriter.instead)
    return character_data(_CLEANER.clean(markup)).strip(), unclosed


class _Rewriter:
    """Has the last word on what an element may say, one after the other in the order of the text."""

    def __init__(self, links: Links, anchors: frozenset[str] | None) -> None:
        self.links = links
        self.anchors = anchors
        self._ids: set[str] = set()
        self._source: str | None = None
        self._lazy: str | None = None

    def attributes(self, name: str, given: Mapping[str, str]) -> Mapping[str, str] | None:
        """An element's attributes as they may be published; None where it goes."""
        if not given and name not in _SHOWS_OR_LEADS:
            return given
        if name in ("picture", "source"):
            self._source = (
                None if name == "picture" else self._source or largest(given.get("srcset") or given.get("data-srcset", ""))
            )
            return None
        kept = {key: value for key in given if key in _KEPT[name] and (value := self._value(name, key, given)) is not None}
        if name == "img":
            return self._image(given, kept)
        if name == "a" and "id" not in kept and "name" in given and (place := self._id(name, given["name"])):
            kept["id"] = place
        return None if name == "a" and not kept.keys() & {"href", "id"} else kept

    def _value(self, name: str, key: str, given: Mapping[str, str]) -> str | None:
        written = given[key]
        if key == "href":
            return self._href(written)
        if key == "id":
            return self._id(name, written)
        if key == "cite":
            return web_link(written, self.links.base)
        if key == "rel":
            return " ".join(one for one in written.lower().split() if one in _RELS) or None
        return None if key == "src" else written

    def _href(self, written: str) -> str | None:
        place = written.strip()
        if not place.startswith("#"):
            return self.links.href(written)
        fragment = unquote(place[1:])
        if self.anchors is None or fragment in ("", "top") or (fragment in self.anchors and anchor(fragment) == fragment):
            return self.links.href(written)
        return self.links.place(written, anchor(fragment) if fragment in self.anchors else None)

    def _id(self, name: str, written: str) -> str | None:
        place = anchor(written)
        if place is None or place in self._ids or not (name in _ANCHORED or (self.anchors and written in self.anchors)):
            return None
        self._ids.add(place)
        return place

    def _image(self, given: Mapping[str, str], kept: dict[str, str]) -> Mapping[str, str] | None:
        written = [*sources(given), *([self._source] if self._source else [])]
        self._source = None
        src = next((url for one in written if (url := self.links.src(one)) is not None), None)
        if src is None:
            self.links.unseen(next(iter(written), given.get("src", "")))
            return None
        lazy = not SOURCES.isdisjoint(given)
        if src == self._lazy and not lazy:
            return None  # the same once more, for whoever runs no scripts
        self._lazy = src if lazy else None
        return {"src": src, **kept}

    def instead(self, name: str, given: Mapping[str, str], content: str) -> tuple[str, str, str | None] | None:
        """The link that takes the place of an element which no feed may hold."""
        embed = embedded(name, given, content, self.links.href) if name in EMBEDS else None
        if embed is None:
            if name in _LOST:
                self.links.leave_out(name)
            return None
        self.links.embedded(name, source_of(name, given, content), embed.url)
        return embed.url, embed.words, self.links.src(embed.poster) if embed.poster else None


def visible(text: str) -> bool:
    """Whether a plain text shows anything at all: more than white space, controls and invisible characters."""
    return text[:1].isalnum() or any(unicodedata.category(char)[0] not in "ZC" for char in text)


def shows_something(html: str) -> bool:
    """Whether an article's sanitised body shows a text or a picture; raises `markup.MarkupError`."""
    if html.startswith("<p>") and html[3:4].isalnum():  # as most do
        return True
    return "<img " in html or any(visible(text) for text in texts(html))
