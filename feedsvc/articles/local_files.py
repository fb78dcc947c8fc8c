"""The files of the articles folder to which an article's body leads: pictures beside it, and other articles."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape, unescape
from urllib.parse import quote

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.look import FoundFile
from feedsvc.articles.parsers.faults import quoted
from feedsvc.articles.parsers.local_links import ANYWHERE, LocalLink, is_pdf
from feedsvc.articles.pictures import MAX_PICTURE_BYTES, SIGNATURE_BYTES, served_as
from feedsvc.errors import Fault
from feedsvc.kinds import Kind
from feedsvc.model.article import Article, Image
from feedsvc.model.picture import Seen

# A sanitised body's tags, in which no value holds "<" or ">".
_LINK = re.compile(r"<(?P<name>a|img)(?P<attributes>(?: [a-z-]+=\"[^\"<>]*\")*)>|(?P<end></a>)")
_SIZE = re.compile(r' (width|height)="([^"]*)"')
_PIXELS = re.compile("[0-9]{1,5}")
_ADDRESS = re.compile(r' (?P<key>href|src)="(?P<url>[^"<>]*)"')


@dataclass(slots=True)
class Settled:
    """An article whose body leads to what is there.

    `pictures` are the files that it shows or would show, with what tells whether each has changed since, "" where there is none;
    `marks` are those of them that its text can't tell by their address; `moving` are being written. `written` are the addresses of
    the articles to which it leads or would lead, by their files. `warnings` say what is missing.
    """

    article: Article
    pictures: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    moving: set[str] = field(default_factory=set)
    shown: dict[str, Image] = field(default_factory=dict)
    written: dict[str, str | None] = field(default_factory=dict)
    warnings: list[Fault] = field(default_factory=list)


def settle(
    article: Article,
    links: Sequence[LocalLink],
    path: str,
    folder: ArticlesFolder,
    address_of: Callable[[str], str],
    named: Callable[[str], str | None],
    seen_of: Callable[[str], Seen],
    public_url: str,
) -> Settled:
    """Puts the right address in the place of each that may be a file's; what is not there goes, and its words stay.

    `address_of` gives the address at which the article in a file is read, `named` the path of the only file
    of a name in all folders, `seen_of` what may be shown of a picture.
    """
    settled = Settled(article)
    places: dict[str, str | None] = {}
    for link in links:
        if link.recording:
            continue
        if link.picture:
            shown = _picture(link, settled, path, folder, seen_of, public_url)
            places[link.url] = shown.src if isinstance(shown, Image) else shown
            if isinstance(shown, Image):
                settled.shown[shown.src] = shown
        else:
            places[link.url] = _article(link, settled, path, folder, address_of, named)
    if any(url != place for url, place in places.items()):
        settled.article = replace(article, body=with_addresses(article.body, places, settled.shown))
    if settled.shown:
        settled.article = replace(settled.article, body_pictures=tuple(settled.shown.values()))
    return settled


def _picture(
    link: LocalLink, settled: Settled, path: str, folder: ArticlesFolder, seen_of: Callable[[str], Seen], public_url: str
) -> Image | str | None:
    """The picture or the file to which a link leads, or another address, or none."""
    reason = "does not exist"
    for file in link.files:
        if is_pdf(file):
            found = folder.find_named(file)
            settled.pictures[file] = settled.marks[file] = found.mark if found else ""
            if found and (unfit := _unfit(found, folder)) is None:
                return link.url if file == link.files[0] else _same_place(link, file)
            reason = unfit if found and unfit else reason
            continue
        seen = seen_of(file)
        settled.pictures[file] = seen.mark
        if seen.moving:
            settled.moving.add(file)
        if seen.note:
            warning = Fault.warn(Kind.PICTURE, path, link.line, f"the picture {quoted(link.written)} {seen.note}")
            settled.warnings.append(warning)
        if seen.picture:
            return seen.picture.shown(Image(src="", file=file), public_url)
        if seen.as_before:
            return link.url if file == link.files[0] else _same_place(link, file)
        if not seen.reason:
            return None  # not yet
        reason = seen.reason if seen.mark else reason
    if link.otherwise is None:
        if is_pdf(link.files[0]):
            reason = f"the file {quoted(link.written)} {reason}, so the words of its link stand alone"
            settled.warnings.append(Fault.warn(Kind.LINK, path, link.line, reason))
        else:
            reason = f"the picture {quoted(link.written)} {reason}, so it is left out"
            settled.warnings.append(Fault.warn(Kind.PICTURE, path, link.line, reason))
    return link.otherwise


def _same_place(link: LocalLink, file: str) -> str:
    """The address of a picture that lies at another of the paths at which it may."""
    return link.url.removesuffix(quote(link.files[0])) + quote(file)


def _unfit(found: FoundFile, folder: ArticlesFolder) -> str | None:
    if found.size > MAX_PICTURE_BYTES:
        return f"is larger than {MAX_PICTURE_BYTES:,} bytes"
    return None if served_as(found.path, folder.head(found.path, SIGNATURE_BYTES)) else "is of no kind that can be shown"


def _article(
    link: LocalLink,
    settled: Settled,
    path: str,
    folder: ArticlesFolder,
    address_of: Callable[[str], str],
    named: Callable[[str], str | None],
) -> str | None:
    for file in link.files:
        name = named(file.removeprefix(ANYWHERE)) if file.startswith(ANYWHERE) else file
        found = folder.find_named(name) if name and folder.wanted(name) else None
        place = file if file.startswith(ANYWHERE) or not found else found.path
        settled.written[place] = address_of(found.path) if found else None
        if found:
            return address_of(found.path) + link.fragment
    if link.otherwise is None:
        reason = f"the link {quoted(link.written)} leads to no article in the folder, so its words stand alone"
        settled.warnings.append(Fault.warn(Kind.LINK, path, link.line, reason))
    return link.otherwise


def with_addresses(body: str, places: Mapping[str, str | None], shown: Mapping[str, Image]) -> str:
    """A body with other addresses, and the sizes of what is shown there; where an address is None, the picture or the link goes."""
    dropped: list[bool] = []

    def put(found: re.Match[str]) -> str:
        if found["end"]:
            return "" if dropped and dropped.pop() else "</a>"
        address = _ADDRESS.search(found["attributes"])
        url = unescape(address["url"]) if address else ""
        place = places.get(url, url)
        if place is not None:
            changed = address is not None and place != url
            tag = found[0].replace(address[0], f' {address["key"]}="{escape(place)}"', 1) if changed and address else found[0]
            if found["name"] == "img" and place in shown:
                tag = _sized(tag, shown[place])
        else:
            rest = found["attributes"].replace(address[0], "", 1) if address else ""
            tag = f"<a{rest}>" if found["name"] == "a" and " id=" in rest else ""
        if found["name"] == "a":
            dropped.append(not tag)
        return tag

    return _LINK.sub(put, body)


def _sized(tag: str, image: Image) -> str:
    """A picture's tag with width and height, so that nothing jumps when it loads: as they are written, or the picture's own."""
    given = {side: int(pixels) for side, pixels in _SIZE.findall(tag) if _PIXELS.fullmatch(pixels)}
    if not image.width or not image.height or len(given) == 2:
        return tag
    share = next(iter(given.values())) / (image.width if "width" in given else image.height) if given else 1.0
    size = f' width="{max(1, round(image.width * share))}" height="{max(1, round(image.height * share))}"'
    return f"{_SIZE.sub('', tag)[:-1]}{size}>"
