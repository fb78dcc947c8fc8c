"""HTML as renderers of Markdown write it, and people beside them: known elements, each closed where it ends. Nothing of it needs
repair, so one pass gives what the sanitiser would. Pure.

This decides what is published, so it takes nothing on trust: each element stands where the HTML standard lets it stand, its
attributes are those that may be kept, and no text holds a sign that would be written in another way. The sanitiser decides about
all else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from feedsvc.articles.parsers.anchors import leads_inside
from feedsvc.articles.parsers.markup import MAX_DEPTH, MAX_TAGS, PLAIN, VOID, Rewrite, kept_attributes

_WORDS = "em strong code del a br img s b i u sup sub small kbd q cite span abbr time"
_BLOCKS = "p h2 h3 h4 h5 h6 ul ol blockquote pre hr table div figure figcaption"
_PHRASES = frozenset(_WORDS.split())
_FLOW = _PHRASES.union(_BLOCKS.split())
# What may stand in each element, and in none ("").
_MAY_HOLD: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("", "blockquote", "li", "div", "figure", "figcaption"), _FLOW),
    **dict.fromkeys(("p", "h2", "h3", "h4", "h5", "h6", "th", "td"), _PHRASES),
    **dict.fromkeys(_PHRASES - VOID, _PHRASES),
    "ul": frozenset({"li"}),
    "ol": frozenset({"li"}),
    "pre": frozenset({"code"}),
    "table": frozenset({"thead", "tbody"}),
    "thead": frozenset({"tr"}),
    "tbody": frozenset({"tr"}),
    "tr": frozenset({"th", "td"}),
}
_NO_TEXT = frozenset({"ul", "ol", "pre", "table", "thead", "tbody", "tr"})
_SAYS_MORE = frozenset({"a", "img"}) | PLAIN  # elements that go where they say nothing
# Most tags have nothing but a name.
_BEGIN = {f"<{name}>": name for name in _MAY_HOLD if name} | {"<br />": "br", "<hr />": "hr"}
_END = {f"</{name}>": name for name in _MAY_HOLD if name}

_PIECES = re.compile("(<[^<>]*>)")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)(?=[\s/>])([^<>]*)>")
_REMARK = re.compile(r"<!--[\w\s]*-->")
_REFERENCES = ("&amp;", "&lt;", "&gt;", "&quot;")
_MOST_REFERENCES = 1_000  # with no-break spaces, which are written as such


def rewritten(html: str, keep: Mapping[str, frozenset[str]], rename: Mapping[str, str], rewrite: Rewrite) -> str | None:
    """The HTML as `regular` makes it and the sanitiser leaves it, with the same arguments; None where these must decide."""
    pieces = _PIECES.split(html)
    number = len(pieces) // 2
    if number > MAX_TAGS or html.count("<") != number or html.count(">") != number or leads_inside(html):
        return None
    if not html.replace("\n", "").replace("\t", "").replace("\xa0", "").isprintable() or not _has_known_references(html):
        return None
    found = _elements(pieces, keep, rename)
    if found is None:
        return None
    if "&quot;" in html or "\xa0" in html:
        pieces[::2] = [text.replace("&quot;", '"').replace("\xa0", "&nbsp;") for text in pieces[::2]]
    for at, name, attributes, end in found:
        last = rewrite(name, attributes)
        if last is None or (name in PLAIN and not last):
            pieces[at] = ""
            if end:
                pieces[end] = ""
        else:
            pieces[at] = _written(name, last)
    return "".join(pieces).strip()


def _has_known_references(html: str) -> bool:
    number = html.count("&")
    known = number == 0 or number == sum(map(html.count, _REFERENCES))
    return known and number + html.count("\xa0") <= _MOST_REFERENCES


_Element = tuple[int, str, Mapping[str, str], int]  # where its tag is, its name and attributes, and where its end tag is, else 0


def _elements(pieces: list[str], keep: Mapping[str, frozenset[str]], rename: Mapping[str, str]) -> list[_Element] | None:
    """The elements that say more than their name, in order, where all are known and in their place; writes all other tags."""
    found: dict[int, _Element] = {}
    opened: list[tuple[str, int]] = [("", 0)]
    for at in range(1, len(pieces), 2):
        tag = pieces[at]
        inside, since = opened[-1]
        if inside in _NO_TEXT and pieces[at - 1] and (inside == "pre" or pieces[at - 1].strip(" \t\n")):
            return None
        name, closing, attributes = _BEGIN.get(tag) or _END.get(tag, ""), tag in _END, ""
        if not name:
            if read := _TAG.fullmatch(tag):
                closing, written, attributes = read[1] == "/", read[2].lower(), read[3]
                name = rename.get(written, written)
            elif inside == "" and _REMARK.fullmatch(tag):
                pieces[at] = ""
                continue
        if closing:
            if name != inside or not name:
                return None
            opened.pop()
            pieces[at] = f"</{name}>"
            if since in found:
                found[since] = (*found[since][:3], at)
            continue
        if name not in _MAY_HOLD[inside] or (name == "a" and any(one == "a" for one, _ in opened)):
            return None
        given = kept_attributes(attributes, keep[name]) if attributes else {}
        if any("<" in value or ">" in value or "\xa0" in value for value in given.values()):
            return None  # not every version of the sanitiser writes these alike
        if given or name in _SAYS_MORE:
            found[at] = at, name, given, 0
        pieces[at] = f"<{name}>"
        if name not in VOID:
            opened.append((name, at))
            if len(opened) > MAX_DEPTH:
                return None
    return list(found.values()) if len(opened) == 1 else None


def _written(name: str, attributes: Mapping[str, str]) -> str:
    values = ((key, value.replace("&", "&amp;").replace('"', "&quot;")) for key, value in attributes.items())
    return "".join((f"<{name}", *(f' {key}="{value}"' for key, value in values), ">"))
