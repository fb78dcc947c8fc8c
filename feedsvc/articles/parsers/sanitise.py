"""What of an article's HTML may be published: an allow-list fit for news, and nh3 (ammonia) to enforce it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

import nh3

from feedsvc.articles.parsers.links import any_link, web_link
from feedsvc.articles.parsers.markup import regular, texts
from feedsvc.text import character_data

_WORDS = "abbr b bdi br cite code dfn em hr i kbd mark q s samp small strong sub sup time u var wbr"
_BLOCKS = "blockquote div dl dt dd figure figcaption h2 h3 h4 h5 h6 p pre ul table caption thead tbody tfoot tr"
_CHANGE = frozenset({"cite", "datetime"})
_CELL = frozenset({"colspan", "rowspan", "align"})
# Each element with its attributes; those under "*" any may have.
ALLOWED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys((*_WORDS.split(), *_BLOCKS.split()), frozenset[str]()),
    "a": frozenset({"href", "title", "id", "aria-label"}),
    "abbr": frozenset({"title"}),
    "blockquote": frozenset({"cite"}),
    "del": _CHANGE,
    "ins": _CHANGE,
    "img": frozenset({"src", "alt", "title", "width", "height"}),
    "li": frozenset({"value", "id"}),
    "ol": frozenset({"start", "type", "reversed"}),
    "td": _CELL,
    "th": _CELL | {"scope"},
    "time": frozenset({"datetime"}),
    "*": frozenset({"lang", "dir"}),
}
_KEPT = {name: attributes | ALLOWED["*"] for name, attributes in ALLOWED.items() if name != "*"}
# An article's title is the page's own h1; blocks keep their paragraphs apart; old names have new ones.
_RENAMED = {
    "h1": "h2",
    **dict.fromkeys(("address", "article", "aside", "center", "details", "dialog", "fieldset", "footer", "form", "header"), "div"),
    **dict.fromkeys(("hgroup", "legend", "main", "nav", "section", "summary", "search"), "div"),
    **dict.fromkeys(("dir", "menu"), "ul"),
    "strike": "s",
    "tt": "code",
}
# The anchors that cmark gives footnotes; other ids could clash with those of the page around the article.
_FOOTNOTE = re.compile(r"fn(?:ref)?-\S+")
_CHECKS: Mapping[str, Callable[[str, str], str | None]] = {
    "href": any_link,
    "src": web_link,
    "cite": web_link,
    "id": lambda written, _: written if _FOOTNOTE.fullmatch(written) else None,
}
# No rel: nothing opens in a new window, and a newsroom may be known by the sites to which it links.
_CLEANER = nh3.Cleaner(
    tags=set(_KEPT),
    attributes={name: set(attributes) for name, attributes in ALLOWED.items()},
    url_schemes={"http", "https", "mailto", "tel"},
    url_relative="deny",
    link_rel=None,
)
# Paragraphs and headings of nothing but text are what they will be.
_TEXT_ALONE = re.compile(r"(?:<(p|h[2-6])>[^<>&\xa0]*+</\1>\n*+){0,1000}")


def sanitise(html: str, base: str) -> tuple[str, int | None]:
    """An article's body as it may be published, every address in it absolute against `base`.

    Also says at which offset of `html` something stands that is not closed and hid the rest. Sanitising once more changes nothing.
    Raises `markup.MarkupError`.
    """

    if _TEXT_ALONE.fullmatch(html) and html.replace("\n", "").isprintable():
        return html.strip(), None

    def rewrite(name: str, attributes: Mapping[str, str]) -> Mapping[str, str] | None:
        if not attributes:
            return None if name in ("a", "img") else attributes
        checked = ((key, _CHECKS[key](value, base) if key in _CHECKS else value) for key, value in attributes.items())
        kept = {key: value for key, value in checked if value is not None}
        gone = (name == "a" and not kept.keys() & {"href", "id"}) or (name == "img" and "src" not in kept)
        return None if gone else kept

    markup, unclosed = regular(character_data(html), _KEPT, _RENAMED, rewrite)
    return character_data(_CLEANER.clean(markup)).strip(), unclosed


def visible(text: str) -> bool:
    """Whether a plain text shows anything at all: more than white space, controls and invisible characters."""
    return text[:1].isalnum() or any(unicodedata.category(char)[0] not in "ZC" for char in text)


def shows_something(html: str) -> bool:
    """Whether an article's sanitised body shows a text or a picture; raises `markup.MarkupError`."""
    return "<img " in html or any(visible(text) for text in texts(html))
