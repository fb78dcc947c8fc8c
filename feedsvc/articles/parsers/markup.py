"""Markup: HTML of any quality as tokens, and made regular in one pass of linear time. Pure.

The parser in nh3 follows the HTML standard to the letter, and that costs the square of the depth, or of the number of
formatting elements left open (`<p><b id=…>` × 10,000 makes 350 MB in 90 s). So it is given only markup in which every element is
closed where it stands, in which nothing is left for it to repair. This is no sanitiser: what may pass, nh3 decides.

The tokens are the standard's (WHATWG HTML, 13.2.5). No pattern can fail after it has begun, so no text is scanned twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape

from feedsvc.text import character_data

MAX_DEPTH = 100
MAX_TAGS = 100_000
MAX_ATTRIBUTE = 2_000
MAX_ESCAPED = 10_000

_ATTRIBUTES = r"""(?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?+)*+"""
_TOKEN = re.compile(
    rf"""
      <!--(?:-?>|.*?(?:--!?>|(?P<open_comment>\Z)))
    | <(?P<hidden>script|style|iframe|textarea|title|xmp|noembed|noframes|template|select|svg|math|object|audio|video|canvas)
      (?=[\s/>])(?P<hidden_attributes>{_ATTRIBUTES})>?(?P<content>.*?)(?:</(?P=hidden)(?=[\s/>])[^>]*(?:>|\Z)|(?P<open_hidden>\Z))
    | <(?P<close>/?)(?P<name>[A-Za-z][^\s/>]*+)(?P<attributes>{_ATTRIBUTES})(?:>|(?P<open_tag>\Z))
    | <[!?/][^>]*(?:>|\Z)
    | <
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"""[\s/>]*+(?P<name>=?[^\s/>=]*+)(?:\s*+=\s*+(?:"(?P<double>[^"]*)"?|'(?P<single>[^']*)'?|(?P<bare>[^\s>]*)))?"""
)
# The same of attributes as most are written.
_QUOTED = re.compile(r"""(?: [a-z-]++="[^"]*+")++ ?/?""")
_QUOTED_ONE = re.compile(r""" ([a-z-]++)="([^"]*+)\"""")
# Without its semicolon a reference in an attribute is most often a URL's parameter, as in `?a=1&copy=2` (13.2.5.73).
_REFERENCE = re.compile(r"&(?:#[0-9]+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);")


_ENDLESS = re.compile(r"&#0*[1-9][0-9]{7,};?")  # no character has such a number, and Python refuses to read one of 4,300 digits

# Has the last word on an element's attributes, given its name; None drops the tag and leaves what is in it.
Rewrite = Callable[[str, Mapping[str, str]], Mapping[str, str] | None]
# Address, words and picture of the link that takes the place of an element, given its name, attributes and content.
Instead = Callable[[str, Mapping[str, str], str], tuple[str, str, str | None] | None]

VOID = frozenset({"br", "hr", "img", "wbr"})
PLAIN = frozenset({"span", "bdo"})  # which do nothing without attributes
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {"blockquote", "dd", "div", "dl", "dt", "figcaption", "figure", "hr", "li", "ol", "p", "pre", "table", "ul"}
_TABLE = frozenset({"table"})
_CELLS = frozenset({"td", "th", "caption"})
_SECTIONS = frozenset({"thead", "tbody", "tfoot"})
_ROWS = frozenset({"table", "tr"}) | _SECTIONS  # where neither text nor anything but parts of a table may stand
_TABLE_PARTS = _CELLS | _SECTIONS | {"tr"}
_IN_TABLES = _TABLE | _TABLE_PARTS
_LISTS = frozenset({"ul", "ol", "dl"})
_WALLS = _CELLS | _ROWS
_SPACE = " \t\n\f"  # the standard's, which a no-break space is none of
_LINE_ENDS = _BLOCKS | _TABLE_PARTS | {"br", "h1", "section", "article"}
# An element that ends when another of its kind starts (13.1.2.4): what ends it, and what keeps it open in between.
_ENDED_BY = {
    "p": (_BLOCKS, _WALLS),
    "li": (frozenset({"li"}), _WALLS | _LISTS),
    "dt": (frozenset({"dt", "dd"}), _WALLS | _LISTS),
    "dd": (frozenset({"dt", "dd"}), _WALLS | _LISTS),
    "a": (frozenset({"a"}), _WALLS),
    **dict.fromkeys(_HEADINGS, (_HEADINGS, _WALLS)),
}
_ENDS = {
    name: tuple((ended, walls) for ended, (by, walls) in _ENDED_BY.items() if name in by)
    for name in frozenset[str]().union(*(by for by, _ in _ENDED_BY.values()))
}


class MarkupError(Exception):
    """The markup is more than is sensible in one article, first at this offset."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as it stands in a text; of an element whose content is no markup (`title`, `script`), the whole element."""

    name: str
    closing: bool
    start: int
    end: int
    written_attributes: str
    content: str = ""

    @property
    def attributes(self) -> Mapping[str, str]:
        """The attributes by name in lower case, of two the first, with character references resolved."""
        return read_attributes(self.written_attributes)


def tags(html: str) -> Iterator[Tag]:
    """The tags of a text in order, without what comments hold; raises `MarkupError` where there are too many."""
    for found in _tokens(html):
        if found["name"]:
            yield Tag(found["name"].lower(), bool(found["close"]), found.start(), found.end(), found["attributes"])
        elif found["hidden"]:
            yield Tag(found["hidden"].lower(), False, found.start(), found.end(), found["hidden_attributes"], found["content"])


def texts(html: str) -> Iterator[str]:
    """The texts between the tags, without what is never shown, character references resolved; a space where a line ends."""
    position = 0
    for found in _tokens(html):
        yield resolved(html[position : found.start()])
        position = found.end()
        if found[0] == "<":
            yield "<"
        elif found["name"] and found["name"].lower() in _LINE_ENDS:
            yield " "
    yield resolved(html[position:])


def _tokens(html: str) -> Iterator[re.Match[str]]:
    for count, found in enumerate(_TOKEN.finditer(html)):
        if count >= MAX_TAGS:
            raise MarkupError(found.start(), f"there are more than {MAX_TAGS:,} tags")
        yield found


def resolved(text: str) -> str:
    """A text with its character references resolved (WHATWG HTML, 13.2.5.72)."""
    return unescape(_ENDLESS.sub("\ufffd", text)) if "&" in text else text


def read_attributes(written: str) -> Mapping[str, str]:
    """A tag's attributes by name in lower case, of two the first, with character references resolved."""
    attributes: dict[str, str] = {}
    if _QUOTED.fullmatch(written):
        found = _QUOTED_ONE.findall(written)
    else:
        found = [(one["name"].lower(), one["double"] or one["single"] or one["bare"] or "") for one in _ATTRIBUTE.finditer(written)]
    for name, value in found:
        if name:
            resolve = "&" in value
            attributes.setdefault(name, _REFERENCE.sub(lambda reference: resolved(reference[0]), value) if resolve else value)
    return attributes


def kept_attributes(written: str, may: frozenset[str]) -> dict[str, str]:
    """Those of a tag's attributes that may be kept, without what no document may hold."""
    given = read_attributes(written)
    return {key: character_data(given[key]) for key in given if key in may and len(given[key]) <= MAX_ATTRIBUTE}


class Regular:
    """Writes elements so that each is closed where it stands, and nothing stands where the HTML standard would move it.

    Raises `MarkupError`, at the `offset` that its user keeps, where nh3 would take the square of what is written.
    """

    def __init__(self) -> None:
        self._out: list[str] = []
        self._open: list[str] = []
        self._unseen: list[int] = []
        self._escaped = 0
        self.offset = 0

    def text(self, text: str) -> None:
        """Writes text, its character references resolved as far as they may be."""
        if "&" in text:
            text = escape(character_data(resolved(text)).replace("\r", "\n"), quote=False)
        if self._open and self._open[-1] == "pre" and self._out[-1].startswith("<pre"):
            text = text.lstrip("\n")  # a parser drops the first, and with each pass one more
        if not text:
            return
        if self._open and self._open[-1] in _ROWS and text.strip(_SPACE):
            self._enter_cell()
        self._out.append(text)
        if "&" not in text and "\xa0" not in text:
            return
        self._escaped += text.count("&amp;") + text.count("\xa0")
        if self._escaped > MAX_ESCAPED:
            raise MarkupError(self.offset, f"one run of text holds more than {MAX_ESCAPED:,} of & and no-break spaces")

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Opens an element, or drops it where a part of a table stands outside any."""
        if name in _TABLE_PARTS:
            if not self._place_in_table(name):
                return
        else:
            if self._open and self._open[-1] in _ROWS:
                self._enter_cell()
            for ended, walls in _ENDS.get(name, ()):
                self._close(ended, walls)
        if name in PLAIN and not attributes:
            # It is not written, and yet its end must not be taken for that of another around it.
            if len(self._unseen) < MAX_DEPTH:
                self._unseen.append(len(self._open))
                self._open.append(name)
            return
        written = "".join([f' {key}="{escape(value)}"' for key, value in attributes.items()]) if attributes else ""
        self._out.append(f"<{name}{written}>")
        self._escaped = 0
        if name not in VOID:
            self._open.append(name)
            if len(self._open) - len(self._unseen) > MAX_DEPTH:
                raise MarkupError(self.offset, f"elements are nested more than {MAX_DEPTH} deep")

    def end(self, name: str) -> None:
        """Closes an element with all that is open in it, or nothing if there is none."""
        self._close(name, _TABLE if name in _IN_TABLES else _WALLS)

    def finish(self) -> str:
        """Everything that was written, with what is still open closed."""
        self._close_to(0)
        return "".join(self._out)

    def _close(self, name: str, walls: frozenset[str]) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at] == name:
                self._close_to(at)
                break
            if self._open[at] in walls:
                break

    def _close_to(self, depth: int) -> None:
        self._escaped = 0
        while len(self._open) > depth:
            name = self._open.pop()
            if self._unseen and self._unseen[-1] == len(self._open):
                self._unseen.pop()
            else:
                self._out.append(f"</{name}>")

    def link(self, url: str, words: str, picture: str | None) -> None:
        """Writes a paragraph with a link alone, its picture above its words."""
        if not (self._open and self._open[-1] == "p" and self._out[-1] == "<p>"):  # the link may be all of a paragraph already
            self.start("p", {})
        self.start("a", {"href": url})
        if picture:
            self.start("img", {"src": picture, "alt": ""})
            self.start("br", {})
        self.text(escape(words, quote=False))
        self.end("a")
        self.end("p")

    def _place_in_table(self, name: str) -> bool:
        """Closes what is open until a part of a table may stand here (13.2.6.4.9 and on), if there is a table."""
        parents = {"td": ("tr",), "th": ("tr",), "tr": ("tbody", "thead", "tfoot", "table")}.get(name, ("table",))
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at] in parents:
                self._close_to(at + 1)
                return True
            if self._open[at] == "table":
                self._close_to(at + 1)
                self.start("tr", {})
                return True
        return False

    def _enter_cell(self) -> None:
        self.start("td", {})


def regular(
    html: str, keep: Mapping[str, frozenset[str]], rename: Mapping[str, str], rewrite: Rewrite, instead: Instead
) -> tuple[str, int | None]:
    """Markup with the elements and attributes in `keep` alone, made regular.

    The text of other elements stays, but for those that are never shown, for which there may be a link `instead`; `rename` gives
    elements another name first. Also says at which offset something starts that
    is not closed and swallows the rest: a comment, a tag, an element that is never shown. Raises `MarkupError`.
    """
    writer = Regular()
    position, unclosed = 0, None
    for found in _tokens(html):
        start, end = found.span()
        writer.offset = start
        if start > position:
            writer.text(html[position:start])
        position = end
        if found.lastgroup == "attributes":
            close, written, attributes = found.group("close", "name", "attributes")
            name = written.lower()
            name = rename.get(name, name)
            if name not in keep:
                if name == "embed" and (link := instead(name, read_attributes(attributes), "")):
                    writer.link(*link)
                continue
            if close:
                writer.end(name)
                continue
            kept = kept_attributes(attributes, keep[name]) if attributes else {}
            if (last := rewrite(name, kept)) is not None:
                writer.start(name, last)
        elif hidden := found["hidden"]:
            if link := instead(hidden.lower(), read_attributes(found["hidden_attributes"]), found["content"]):
                writer.link(*link)
            unclosed = start if found.lastgroup == "open_hidden" else unclosed
        elif end == len(html) and found.lastgroup in ("open_comment", "open_tag"):
            unclosed = start
        elif end - start == 1:
            writer.text("&lt;")
    writer.text(html[position:])
    return writer.finish(), unclosed
