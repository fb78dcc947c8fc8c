"""The text of a WordPress article as HTML: its shortcodes replaced, its blank lines turned into paragraphs. Pure.

Shortcodes are those of https://codex.wordpress.org/Shortcode; paragraphs are made as WordPress's `wpautop` makes them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape, unescape

Gallery = Callable[[Sequence[str]], str]

_SHORTCODE = re.compile(r"(\[?)\[(/?)([A-Za-z][\w-]{0,40})((?:[\s=][^\[\]<>]{0,2000})?)\](\]?)")
_ATTRIBUTE = re.compile(r"""([A-Za-z_][\w-]{0,40})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"']+))""")
_ADDRESS = re.compile(r"https?://[^\s<>\[\]\"]+")
_PICTURE = re.compile(r"(?:<a\s[^>]*>\s*)?<img\s[^>]*>(?:\s*</a>)?")
# WordPress's own; any other is one if it has attributes, or is closed.
_KNOWN = frozenset({"caption", "wp_caption", "gallery", "embed", "audio", "video", "playlist"})
_CAPTIONS = ("caption", "wp_caption")
_SOURCES = ("src", "url", "mp4", "m4v", "webm", "ogv", "mp3", "m4a", "ogg", "wav")
_EMBEDS = frozenset({"embed", "audio", "video", "youtube", "vimeo", "soundcloud", "tweet", "twitter", "instagram", "facebook"})
_BLOCK = re.compile(
    r"<(?:!--|/?(?:address|article|aside|blockquote|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|"
    r"iframe|li|main|nav|ol|p|pre|script|section|style|table|tbody|td|tfoot|th|thead|tr|ul|video|audio)\b)",
    re.IGNORECASE,
)
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


def as_html(text: str, gallery: Gallery = lambda ids: "") -> tuple[str, tuple[str, ...]]:
    """An article's text as HTML, not sanitised, and the names of the shortcodes that were taken out of it.

    `gallery` gives the HTML of the pictures with some ids, or of the article's own where none is named.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    html, lost = _without_shortcodes(text, gallery)
    return (html if "<!-- wp:" in text else "\n".join(_paragraphs(html))), tuple(sorted(lost))


def _without_shortcodes(text: str, gallery: Gallery) -> tuple[str, set[str]]:
    found = list(_SHORTCODE.finditer(text))
    closed = {one[3].lower() for one in found if one[2]}
    lost: set[str] = set()
    parts: list[str] = []
    end = 0  # of what has been taken over
    for place, one in enumerate(found):
        if one.start() < end:
            continue
        name, attributes = one[3].lower(), _attributes(one[4])
        parts.append(text[end : one.start()])
        end = one.end()
        if one[1] and one[5]:  # [[gallery]] is the text [gallery]
            parts.append(one[0][1:-1])
        elif not (name in _KNOWN or name in closed or "=" in one[4] or (name in _EMBEDS and one[4])):
            parts.append(one[0])
        else:
            parts.append(one[1])
            following = found[place + 1] if place + 1 < len(found) else None
            inner = text[end : following.start()] if following and following[2] and following[3].lower() == name else None
            made = _made(name, attributes, one[4], inner, gallery) if not one[2] else ""
            if made and inner is not None and following:
                end = following.end()
            elif not made and not one[2]:
                lost.add(name)
            parts += (made, one[5] if end == one.end() else "")
    parts.append(text[end:])
    return "".join(parts), lost


def _made(name: str, attributes: Mapping[str, str], written: str, inner: str | None, gallery: Gallery) -> str:
    """What a shortcode shows, as a block of HTML; "" where that is not known."""
    if name in _CAPTIONS and inner is not None:
        return _figure(attributes, inner)
    if name == "gallery":
        return gallery(re.findall(r"\d+", attributes.get("ids", "")))
    if name in _EMBEDS:
        given = (*(attributes[key] for key in _SOURCES if key in attributes), unescape(written), unescape(inner or ""))
        if address := next(filter(None, map(_ADDRESS.search, given)), None):
            return f"\n\n{_link(address[0])}\n\n"
    return ""


def _figure(attributes: Mapping[str, str], inner: str) -> str:
    """A picture with its caption, which is an attribute or follows it."""
    if not (shown := _PICTURE.search(inner)):
        return ""
    caption = attributes.get("caption") or inner[shown.end() :].strip()
    return f"\n\n<figure>{shown[0]}{f'<figcaption>{caption}</figcaption>' if caption else ''}</figure>\n\n"


def _attributes(written: str) -> dict[str, str]:
    return {one[1].lower(): unescape(next(filter(None, one.groups()[1:]), "")) for one in _ATTRIBUTE.finditer(written)}


def _paragraphs(text: str) -> Iterator[str]:
    """The blocks of a text: those that are no HTML block become paragraphs; what lies in `<pre>` stays as it is."""
    for part in _apart(text):
        if part[:4].lower() == "<pre":
            yield part
            continue
        for block in _BLANK_LINES.split(part):
            if not (block := block.strip()):
                continue
            if _BLOCK.match(block):
                yield block
            elif _ADDRESS.fullmatch(block):
                yield _link(block)
            else:
                yield f"<p>{block.replace(chr(10), '<br>' + chr(10))}</p>"


def _apart(text: str) -> Iterator[str]:
    """A text in parts, each `<pre>` one of its own."""
    begin, lower = 0, text.lower()
    while (start := lower.find("<pre", begin)) != -1 and (end := lower.find("</pre>", start)) != -1:
        yield text[begin:start]
        begin = end + len("</pre>")
        yield text[start:begin]
    yield text[begin:]


def _link(address: str) -> str:
    shown = escape(address)
    return f'<p><a href="{shown}">{shown}</a></p>'
