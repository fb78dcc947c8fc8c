"""HTML as renderers of Markdown write it: a few known tags, each closed where its element ends. Nothing of it needs repair, so one
pass gives what the sanitiser would. Pure.

This decides what is published, so it takes nothing on trust: each tag is one of a list, each element stands where the HTML standard
lets it stand, and no text holds a sign that would be written in another way. All else is left to the sanitiser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from feedsvc.articles.parsers.markup import MAX_ATTRIBUTE, MAX_DEPTH, MAX_TAGS, Rewrite

_WORDS = "em strong code del a br img s b i u sup sub small kbd q cite"
_BLOCKS = "p h2 h3 h4 h5 h6 ul ol blockquote pre hr table div figure figcaption"
_PHRASES = frozenset(_WORDS.split())
_FLOW = _PHRASES.union(_BLOCKS.split())
# What may stand in each element, and in none ("").
_MAY_HOLD: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("", "blockquote", "li", "div", "figure", "figcaption"), _FLOW),
    **dict.fromkeys(("p", "h2", "h3", "h4", "h5", "h6", "th", "td"), _PHRASES),
    **dict.fromkeys(_PHRASES - {"br", "img"}, _PHRASES),
    "ul": frozenset({"li"}),
    "ol": frozenset({"li"}),
    "pre": frozenset({"code"}),
    "table": frozenset({"thead", "tbody"}),
    "thead": frozenset({"tr"}),
    "tbody": frozenset({"tr"}),
    "tr": frozenset({"th", "td"}),
}
_NO_TEXT = frozenset({"ul", "ol", "pre", "table", "thead", "tbody", "tr"})
_NAMES = (_MAY_HOLD.keys() | {"br", "hr"}) - {"", "a"}
# Each tag that stands for itself: the element that it begins or ends, and how it is written.
_TAGS = {f"<{name}>": (name, f"<{name}>") for name in _NAMES} | {
    "<br />": ("br", "<br>"),
    "<br/>": ("br", "<br>"),
    "<hr />": ("hr", "<hr>"),
    "<h1>": ("h2", "<h2>"),  # an article's title is the page's own h1
    **{
        f'<{cell} align="{side}">': (cell, f'<{cell} align="{side}">')
        for cell in ("th", "td")
        for side in ("left", "center", "right")
    },
}
_ENDS = {f"</{name}>": name for name in _NAMES - {"br", "hr"} | {"a"}} | {"</h1>": "h2"}
_VOID = frozenset({"br", "hr", "img"})

_TAG = re.compile("(<[^<>]*>)")
_LEADS_OR_SHOWS = re.compile(r'<(?:(a) href="([^"]*)"|(img) src="([^"]*)" alt="([^"]*)")(?: title="([^"]*)")?(?: /)?>')
_NUMBERED = re.compile(r'<ol start="[0-9]{1,9}">')
_OF_LANGUAGE = re.compile(r'<code class="[^"]*">')
_LINK_INSIDE = re.compile(r'href="\s*#')
_REMARK = re.compile(r"<!--[\w\s]*-->")
_REFERENCES = ("&amp;", "&lt;", "&gt;", "&quot;")
_MOST_REFERENCES = 1_000  # with no-break spaces, which are written as such


def rewritten(html: str, rewrite: Rewrite) -> str | None:
    """The HTML as it may be published, with the attributes that `rewrite` gives; None where the sanitiser must decide."""
    pieces = _TAG.split(html)
    number = len(pieces) // 2
    if number > MAX_TAGS or html.count("<") != number or html.count(">") != number or _LINK_INSIDE.search(html):
        return None
    if not html.replace("\n", "").replace("\t", "").replace("\xa0", "").isprintable() or not _has_known_references(html):
        return None
    given = _in_place(pieces)
    if given is None:
        return None
    if "&quot;" in html or "\xa0" in html:
        pieces[::2] = [text.replace("&quot;", '"').replace("\xa0", "&nbsp;") for text in pieces[::2]]
    dropped = False
    for at in given:
        name, attributes = given[at]
        if name == "":  # the end of a link
            if dropped:
                pieces[at] = ""
            continue
        last = rewrite(name, attributes)
        pieces[at] = "" if last is None else _written(name, last)
        if name == "a":
            dropped = last is None
    return "".join(pieces).strip()


def _has_known_references(html: str) -> bool:
    number = html.count("&")
    known = number == 0 or number == sum(map(html.count, _REFERENCES))
    return known and number + html.count("\xa0") <= _MOST_REFERENCES


def _in_place(pieces: list[str]) -> dict[int, tuple[str, dict[str, str]]] | None:
    """Writes the tags that stand for themselves, and gives the others by their place; None where anything is unknown."""
    given: dict[int, tuple[str, dict[str, str]]] = {}
    opened = [""]
    for at in range(1, len(pieces), 2):
        tag, inside = pieces[at], opened[-1]
        if inside in _NO_TEXT and pieces[at - 1].strip(" \t\n"):
            return None
        if ended := _ENDS.get(tag):
            if inside != ended:
                return None
            opened.pop()
            if ended == "a":
                given[at] = ("", {})
            elif tag == "</h1>":
                pieces[at] = "</h2>"
            continue
        if known := _TAGS.get(tag):
            name, pieces[at] = known
        elif found := _LEADS_OR_SHOWS.fullmatch(tag):
            name = found[1] or found[3]
            attributes = {"href": found[2]} if found[1] else {"src": found[4], "alt": found[5]}
            if found[6] is not None:
                attributes["title"] = found[6]
            if (name == "a") == tag.endswith(" />") or (name == "a" and "a" in opened) or not _are_plain(attributes):
                return None
            given[at] = name, {key: value.replace("&quot;", '"').replace("&amp;", "&") for key, value in attributes.items()}
        elif _NUMBERED.fullmatch(tag):
            name = "ol"
        elif inside == "" and _REMARK.fullmatch(tag):
            pieces[at] = ""
            continue
        elif inside == "pre" and _OF_LANGUAGE.fullmatch(tag):
            name, pieces[at] = "code", "<code>"
        else:
            return None
        if name not in _MAY_HOLD[inside] or (inside == "pre" and pieces[at - 1]):
            return None
        if name not in _VOID:
            opened.append(name)
            if len(opened) > MAX_DEPTH:
                return None
    return given if len(opened) == 1 else None


def _are_plain(attributes: Mapping[str, str]) -> bool:
    written = "".join(attributes.values())
    return len(written) <= MAX_ATTRIBUTE and not any(sign in written for sign in ("&lt;", "&gt;", "\xa0", "\n"))


def _written(name: str, attributes: Mapping[str, str]) -> str:
    values = ((key, value.replace("&", "&amp;").replace('"', "&quot;")) for key, value in attributes.items())
    return "".join((f"<{name}", *(f' {key}="{value}"' for key, value in values), ">"))
