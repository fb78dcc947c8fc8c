"""An article's content beyond its title, as one HTML text and one plain text for every format.

Pure: no I/O, no clock, no globals. The body is sanitised already; every other text is escaped here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, tzinfo
from html import escape, unescape
from urllib.parse import unquote

from feedsvc.formats import dates, recordings
from feedsvc.model.article import Article, ArticleKind, Claim, Correction, Image
from feedsvc.model.edition import Entry

EXCERPT = 300
BEGINNING = 20_000
COLUMN = 672  # CSS pixels: the 42rem of an article in the stylesheet

_SPACES = re.compile("  +")
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
# Quoted attribute values may hold ">"; no unquoted part holds "<", which keeps a search linear on any input.
_TAG = re.compile(r"""<(/?[a-z][a-z0-9]*)[^"<>]*(?:"[^"]*"[^"<>]*)*>""")
_IMAGE = re.compile(r"<img [^<>]*>")
_SCROLLING = re.compile(r"<table(?=[ >])|</table>|<pre(?=[ >])")
# Whoever has no mouse must reach what scrolls sideways, and hear what it is (WCAG 2.2, 2.1.1).
_SCROLLED = {
    "<table": '<div class="scroll" role="group" aria-label="Table" tabindex="0"><table',
    "</table>": "</table></div>",
    "<pre": '<pre tabindex="0"',
}
_WIDTH = re.compile(r' width="([0-9]{1,5})"')
_IMAGE_SRC = re.compile(r'<img (?:[a-z-]+="[^"<>]*" )*src="([^"<>]*)"')
_QUERY = re.compile(r"[?#].*", re.DOTALL)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)\Z", re.IGNORECASE)
_SIZE = re.compile(r"(?:-\d{1,5}x\d{1,5}|-scaled|@[23]x)(?=\.[A-Za-z]+\Z)")
_BLANK_LINES = re.compile(r"\n{3,}")
_BLOCKS = (
    *("blockquote", "caption", "div", "dl", "figcaption", "figure", "h2", "h3", "h4", "h5", "h6"),
    *("ol", "p", "pre", "table", "ul"),
)
_BREAKS = {
    **dict.fromkeys(("td", "th"), " "),
    **dict.fromkeys(("br", "dd", "dt", "li", "tr"), "\n"),
    **dict.fromkeys(("hr", *_BLOCKS, *(f"/{block}" for block in _BLOCKS)), "\n\n"),
}


def html(entry: Entry, zone: tzinfo = UTC) -> str:
    """An entry's full content as HTML, each part under its label; `zone` is the time zone of a correction's day."""
    article = entry.article
    return "".join(
        (
            _notice("Retracted", article.retracted) if article.retracted is not None else "",
            f"<p><strong>{article.kind.capitalize()}</strong></p>" if article.kind is not ArticleKind.NEWS else "",
            _notice("Reported", "this has not been confirmed.") if article.claim is Claim.REPORTED else "",
            figure(lead) if (lead := lead_picture(article)) else "",
            *map(recordings.html, article.recordings),
            _section("Key points", _list([escape(point, quote=False) for point in article.key_points])),
            article.body,
            *map(figure, gallery(article)),
            _section("Why this matters", _paragraphs(article.why_it_matters)),
            _section("What this means for you", _paragraphs(article.what_it_means)),
            _section("Corrections", _list([_correction(correction, zone) for correction in article.corrections])),
        )
    )


def text(entry: Entry, zone: tzinfo = UTC) -> str:
    """An entry's full content as plain text."""
    return plain(html(entry, zone))


def summary(entry: Entry) -> str:
    """An entry in one plain paragraph, never empty: the standfirst, or the beginning of the body, or the title."""
    article = entry.article
    if article.standfirst:
        return article.standfirst
    body = plain(article.body[: max(0, article.body.rfind("</p>", 0, BEGINNING))])  # of a long one the first paragraphs are enough
    body = (body if len(body) > EXCERPT else plain(article.body)).replace("\n\n", " ").replace("\n", " ")
    if len(body) <= EXCERPT:
        return body or article.title
    # A script without spaces, such as Japanese, is cut between characters.
    end = body.rfind(" ", EXCERPT // 2, EXCERPT)
    return body[: end if end > 0 else EXCERPT].rstrip() + "…"


def brief(entry: Entry) -> Entry:
    """An entry with its summary and a link instead of its body."""
    link = f'<p><a href="{escape(entry.url)}">Read the whole article</a></p>'
    body = f"<p>{escape(summary(entry), quote=False)}</p>{link}"
    return replace(entry, article=replace(entry.article, body=body))


def shortened(entry: Entry) -> Entry:
    """An entry with its title, picture and summary alone, for a feed that gives no more."""
    article = replace(entry.article, key_points=(), why_it_matters="", what_it_means="", images=(), audio=None, video=None)
    return brief(replace(entry, article=article))


def lead_picture(article: Article) -> Image | None:
    """An article's picture where it stands above the text; None where the text shows it itself."""
    image = article.image
    if image is None or "<img " not in article.body:
        return image
    lead = _same_picture(image.src)
    return None if any(_same_picture(unescape(src)) == lead for src in _IMAGE_SRC.findall(article.body)) else image


def gallery(article: Article) -> tuple[Image, ...]:
    """The pictures below an article's text: those of its gallery that the text does not show itself."""
    if not article.images or "<img " not in article.body:
        return article.images
    shown = {_same_picture(unescape(src)) for src in _IMAGE_SRC.findall(article.body)}
    return tuple(image for image in article.images if _same_picture(image.src) not in shown)


def _same_picture(url: str) -> str:
    """What the addresses of one picture have in common: neither the scheme, nor a size (`-300x200`, `?w=300`)."""
    place = url.partition("//")[2]
    path = _QUERY.sub("", place)
    if not _PICTURE.search(path):
        return place
    return unquote(_SIZE.sub("", path))


def figure(image: Image) -> str:
    """A picture with its caption and credit, and its size if known, so that a page doesn't jump when the picture loads."""
    size = "".join(f' {side}="{pixels}"' for side, pixels in (("width", image.width), ("height", image.height)) if pixels)
    return f'<figure><img src="{escape(image.src)}" alt="{escape(image.alt)}"{size}>{figcaption(image)}</figure>'


def on_page(article: Article) -> str:
    """An article's body as its page shows it: what is wide scrolls, and each picture is in the sizes that there are, and loaded
    when it is about to be seen.

    The first is loaded at once where it may be what a reader sees first.
    """
    body = _SCROLLING.sub(lambda found: _SCROLLED[found[0]], article.body)
    if "<img " not in body:
        return body
    pictures = {image.src: image for image in article.body_pictures if image.variants}
    at_once = _IMAGE.search(body) if lead_picture(article) is None and not article.key_points else None

    def put(found: re.Match[str]) -> str:
        lazy = "" if at_once and found.start() == at_once.start() else ' loading="lazy"'
        tag = f'{found[0][:-1]}{lazy} decoding="async">'
        image = pictures.get(unescape(src[1])) if (src := _IMAGE_SRC.match(found[0])) else None
        width = _WIDTH.search(found[0])
        return f"<picture>{source(image, int(width[1]) if width else COLUMN)}{tag}</picture>" if image else tag

    return _IMAGE.sub(put, body)


def source(image: Image, width: int = COLUMN) -> str:
    """The sizes of a picture, of which a browser takes the one that suits its screen: it is shown at most so wide, in pixels."""
    sizes = f"min({min(width, COLUMN)}px, 100vw)"
    return f'<source type="{image.variants[0].type}" srcset="{srcset(image)}" sizes="{sizes}">'


def srcset(image: Image) -> str:
    """The addresses of a picture's sizes, each with its width."""
    return ", ".join(f"{escape(variant.src)} {variant.width}w" for variant in image.variants)


def figcaption(image: Image) -> str:
    """What stands under a picture: its caption, and who made it."""
    credit = f"<small>{escape(image.credit, quote=False)}</small>" if image.credit else ""
    under = " ".join(part for part in (escape(image.caption, quote=False), credit) if part)
    return f"<figcaption>{under}</figcaption>" if under else ""


def plain(markup: str) -> str:
    """Sanitised HTML as plain text, with blank lines between blocks."""
    # By hand: `\s` in a pattern takes ten times as long, and str.split would split at no-break spaces too.
    flat = _SPACES.sub(" ", markup.replace("\n", " ").replace("\t", " ").replace("\r", " ").replace("\f", " "))
    broken = _TAG.sub(lambda tag: _BREAKS.get(tag[1], ""), flat)
    lines = "\n".join(line.strip(" ") for line in broken.split("\n"))
    return unescape(_BLANK_LINES.sub("\n\n", lines).strip("\n"))


def _notice(label: str, text: str) -> str:
    return f"<p><strong>{label}:</strong> {escape(text, quote=False)}</p>"


def _section(label: str, markup: str) -> str:
    return f"<h2>{label}</h2>{markup}" if markup else ""


def _list(rows: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{row}</li>' for row in rows)}</ul>" if rows else ""


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part, quote=False)}</p>" for part in _BLANK_LINE.split(text.strip("\n")) if part)


def _correction(correction: Correction, zone: tzinfo) -> str:
    day = dates.day(correction.date, zone)
    return f'<time datetime="{dates.rfc3339(correction.date)}">{day}</time>: {escape(correction.text, quote=False)}'
