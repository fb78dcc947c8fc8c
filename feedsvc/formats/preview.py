"""Previews: an article as it will be published, a file in quarantine with its faults, and the list of all that is not live.

Pure: no clock, no globals; templates, stylesheets and script are part of the program and are read once. An article's page is the
very one that will be published, with a banner above it and its headline, feed entries and share card below. Style and script are in
the page, whose policy allows them by their digests (CSP3, 8.3).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from html import escape
from html.parser import HTMLParser
from importlib.resources import files
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup

from feedsvc.errors import Fault
from feedsvc.formats import headlines
from feedsvc.formats.content import summary
from feedsvc.formats.dates import day, rfc3339
from feedsvc.formats.render import fitting, version
from feedsvc.formats.table import FEEDS
from feedsvc.formats.templating import templates
from feedsvc.model.edition import Entry
from feedsvc.model.hashing import digest
from feedsvc.model.preview_link import PREVIEWS, preview_path
from feedsvc.model.record import Record, State
from feedsvc.model.urls import Urls

LISTED = 200  # of each kind in the list
MOST_LINES = 5_000  # of a file in quarantine
MOST_IN_LINE = 2_000
HELD_PICTURES = f"{PREVIEWS}media/"
# Where a page begins; what skips its beginning stays first.
_BODY = re.compile(r'<body[^>]*>\s*(?:<a class="skip"[^<>]*>[^<]*</a>)?')
_ADDRESS = re.compile(r'(?P<before> (?:src|href|srcset|poster)=")(?P<urls>[^"]*)"')


def _asset(name: str) -> str:
    return (files("feedsvc.formats") / "static" / name).read_text("utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_SCRIPT = _asset("preview.js")
_BANNER_STYLE = _asset("preview_banner.css")
_LIST_STYLE = _asset("status.css") + _asset("preview.css")
_CLOSED = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# What an article's page may load besides, by the directives of its policy.
BESIDES = {"style-src": _digest(_BANNER_STYLE), "script-src": _digest(_SCRIPT)}
LIST_POLICY = (
    f"default-src 'none'; style-src {_digest(_LIST_STYLE)}; script-src {_digest(_SCRIPT)}; connect-src 'self'; {_CLOSED}"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Why readers don't see an article: a name for that, when it begins or ends, and what happens then."""

    name: str
    when: datetime | None
    after: str


def standing(record: Record, now: datetime) -> Standing:
    """How an article stands that is not live."""
    if record.state is State.DRAFT:
        return Standing("Draft", None, "It comes out when draft: is taken out of its file.")
    if record.state is State.RETRACTED:
        return Standing("Retracted", record.since, "Readers see a notice with the reason instead.")
    if record.expires is not None and record.expires <= now:
        return Standing("Expired", record.over, "Readers see a notice instead.")
    return Standing("Under embargo", record.published, "It comes out then, by itself.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who looks: the newsroom, for whom a signed `link` is made, or somebody with such a link, whose `query` all addresses need."""

    until: datetime
    link: str = ""
    query: str = ""

    @property
    def is_newsroom(self) -> bool:
        """Whether it is the newsroom itself."""
        return not self.query


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """A file in quarantine as it is listed; `lines` are those of its text that have faults, by number."""

    path: str
    slug: str
    faults: tuple[Fault, ...]
    lines: Mapping[int, str]
    live: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """A page, and the digest of what it shows of the newsroom's work."""

    digest: str
    body: bytes


def article(
    page: bytes, record: Record, entry: Entry, pictures: Collection[str], reader: Reader, addresses: Urls, now: datetime
) -> Preview:
    """The preview of an article, given its page as it will be published; `pictures` are those that readers can't see yet."""
    site, root = addresses.site, urlsplit(addresses.public_url).path
    held = {addresses.media(file): _held(file, reader, root) for file in pictures}
    text = _with_pictures(page.decode(), held)
    card = _Card(page.decode())
    shown = {
        "headline": headlines.entry(entry, addresses),
        **{form.name: fitting(form, entry, addresses) for form in FEEDS},
    }
    state = standing(record, now)
    # Not the page itself, in which a draft without a date has that of this moment.
    site_known = digest(version(), msgspec.json.encode(site))
    known = digest(site_known, *map(repr, (record, entry.topics, entry.related, entry.translations, state, sorted(held))))
    context = {
        "site": site,
        "root": root,
        "state": state,
        "record": record,
        "entry": entry,
        "reader": reader,
        "known": known,
        "time": partial(_time, site.zone),
        "summary": summary(entry),
        "headline": shown["headline"].decode(),
        "feeds": [(name, shown[form].decode()) for name, form in (("RSS", "rss"), ("Atom", "atom"), ("JSON Feed", "json"))],
        "card": card.properties,
        "card_picture": held.get(card.properties.get("og:image", ""), card.properties.get("og:image")),
        "host": urlsplit(entry.url).hostname or "",
        "style": Markup(_BANNER_STYLE),  # noqa: S704  (our own files, whose bytes must match their digests)
        "script": Markup(_SCRIPT),  # noqa: S704
    }
    head, body, below = (_rendered(f"preview_{name}.html", **context) for name in ("head", "banner", "beside"))
    # An article's text holds none of these tags, for it is sanitised, and all else is escaped.
    text = text.replace("</head>", f"{head}</head>", 1)
    text = _BODY.sub(lambda tag: tag[0] + body, text, count=1)
    above, end, rest = text.rpartition("</body>")
    text = "".join((above, below, end, rest))
    return Preview(known, text.encode())


def faulty_files(shown: Sequence[tuple[ListedFile, bytes | None]], reader: Reader, addresses: Urls) -> Preview:
    """The preview of what can't be parsed: each file's text with its faults under their lines."""
    texts = [(one, *_numbered(content)) for one, content in shown]
    known = digest(*(repr(one) for one in texts))
    return _page("preview_file.html", known, addresses, reader=reader, texts=texts)


def listing(
    quarantine: Sequence[ListedFile], withheld: Sequence[Record], reader: Reader, addresses: Urls, now: datetime
) -> Preview:
    """The list of all that is not live."""
    known = digest(repr(quarantine), *(f"{record.id} {record.stamp} {record.slug} {standing(record, now)}" for record in withheld))
    groups: dict[str, list[tuple[Record, Standing]]] = {"Under embargo": [], "Draft": [], "Expired": [], "Retracted": []}
    for record in withheld:
        state = standing(record, now)
        groups[state.name].append((record, state))
    groups["Under embargo"].sort(key=lambda pair: (pair[0].published, pair[0].path))
    for name in ("Draft", "Expired", "Retracted"):
        groups[name].sort(key=lambda pair: (-(pair[1].when or pair[0].since).timestamp(), pair[0].path))
    return _page("previews.html", known, addresses, reader=reader, quarantine=quarantine, groups=groups, now=now, listed=LISTED)


def notice(title: str, text: str, addresses: Urls) -> bytes:
    """A page that says why there is no preview."""
    return _page("preview_notice.html", "", addresses, title=title, text=text).body


def file_lines(content: bytes | None, faults: Sequence[Fault]) -> dict[int, str]:
    """The lines of a file's text in which faults are, by number."""
    numbered, _ = _numbered(content)
    return {fault.line: numbered[fault.line - 1] for fault in faults if 0 < fault.line <= len(numbered)}


def _page(name: str, known: str, addresses: Urls, **context: object) -> Preview:
    site, root = addresses.site, urlsplit(addresses.public_url).path
    assets = {"style": Markup(_LIST_STYLE), "script": Markup(_SCRIPT)}  # noqa: S704  (our own files)
    page = _rendered(name, known=known, site=site, root=root, time=partial(_time, site.zone), **assets, **context)
    return Preview(known, page.encode())


def _numbered(content: bytes | None) -> tuple[list[str], int]:
    """The lines of a text as they can be shown, and how many more there are."""
    text = (content or b"").decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.removesuffix("\n").split("\n") if text else []
    return [_printable(line) for line in lines[:MOST_LINES]], max(0, len(lines) - MOST_LINES)


def _printable(line: str) -> str:
    shown = line if len(line) <= MOST_IN_LINE else f"{line[:MOST_IN_LINE]}…"
    return "".join(one if one.isprintable() or one in "\t\u200d\u200c" else "\ufffd" for one in shown)


def _held(file: str, reader: Reader, root: str) -> str:
    return f"{root}{HELD_PICTURES}{quote(file)}" + (f"?{reader.query}" if reader.query else "")


def _with_pictures(page: str, held: Mapping[str, str]) -> str:
    """A page whose pictures are shown from where they are held until it is published."""
    places = {escape(url): escape(place) for url, place in held.items()}

    def put(found: re.Match[str]) -> str:
        urls = [part.strip().split(" ") for part in found["urls"].split(", ")]
        if not any(url[0] in places for url in urls):
            return found[0]
        return f'{found["before"]}{", ".join(" ".join([places.get(url[0], url[0]), *url[1:]]) for url in urls)}"'

    return _ADDRESS.sub(put, page) if places else page


class _Card(HTMLParser):
    """What sites that show a link read of a page (ogp.me)."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.properties: dict[str, str] = {}
        self.feed(page.partition("</head>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("property") or found.get("name") or ""
        if tag == "meta" and name.startswith(("og:", "twitter:")):
            self.properties.setdefault(name, found.get("content") or "")


def _time(zone: ZoneInfo, moment: datetime | None) -> Markup:
    """A time for people in the newsroom's time zone, and for programs in UTC."""
    if moment is None:
        return Markup("never")
    shown = f"{day(moment, zone)}, {moment.astimezone(zone):%H:%M}"
    return Markup('<time datetime="{}">{}</time>').format(rfc3339(moment), shown)


def _rendered(name: str, **context: object) -> str:
    return _template(name)(**context)


@cache
def _template(name: str) -> partial[str]:
    found = templates()
    found.globals.update(PREVIEWS=PREVIEWS, preview_path=preview_path)
    return partial(found.get_template(name).render)
