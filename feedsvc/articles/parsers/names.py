"""What a file's path says of its article: slug, day, language and topic, and whether it is a draft. Pure."""

from __future__ import annotations

import posixpath
import re
from datetime import UTC, datetime
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from feedsvc.model.article import EARLIEST_YEAR, LATEST_YEAR
from feedsvc.model.site import Site
from feedsvc.model.slugs import slug_from_stem, slugify
from feedsvc.model.translations import path_key

_DAY = re.compile(r"(\d{4})([-_.]?)(\d\d?)\2(\d\d?)(?![0-9])", re.ASCII)
# Folders of a year, a month and a day, as they stand in paths and addresses.
_DAY_OF_FOLDERS = re.compile(r"(?:^|/)(\d{4})/(\d\d?)/(\d\d?)(?=[/_-])", re.ASCII)
_ROOTS = frozenset({"content", "source", "src"})  # in which makers of sites keep everything
_DRAFTS = frozenset({"_drafts", "drafts", "_draft", "_unpublished"})
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?(?:[.@][\w-]+)?", re.ASCII)
# ISO 639-1, without io: names end in it.
_CODES = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
    es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik is it iu ja jv ka kg ki
    kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no
    nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te
    tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
_LANGUAGES = frozenset(_CODES.split())
# Codes that are a part of the world or of a paper to people who write English.
_ENGLISH = frozenset({"uk", "eu", "it"})


class Name:
    """What a path says; `site` has the portal's language, and the topics that are none of a language."""

    def __init__(self, path: str, site: Site) -> None:
        folder, file = posixpath.split(path)
        folders = folder.split("/") if folder else []
        stem = _decoded(file.rsplit(".", 1)[0])
        stem, self.language = _without_language(stem)
        kept = list(folders)
        while folders and (_holds_all(folders[0], site) or (not self.language and _is_language(folders[0], site))):
            if not _holds_all(folders[0], site):
                self.language = as_tag(folders[0])
                del kept[len(kept) - len(folders)]
            folders.pop(0)
        # What the files of its versions in other languages are called without their languages.
        self.versions = path_key("/".join((*kept, stem))) if self.language else None
        # The folder of a page bundle is the article: it is named by it, and that is no topic.
        if stem.lower() == "index" and folders:
            stem = folders.pop()
        self.stem = stem
        self.topic = folders[0] if folders and not folders[0].isdigit() and slugify(folders[0]) else None
        self._site = site

    def slug(self) -> str:
        """The slug that the name gives, "" where it gives none; that of a language other than the portal's ends in its code."""
        slug = slug_from_stem(self.stem)
        if not slug or not self.language or _primary(self.language) == _primary(self._site.language):
            return slug
        return slugify(f"{slug}-{self.language}")


def _decoded(stem: str) -> str:
    """A name that WordPress has percent-encoded, as it reads."""
    try:
        return unquote(stem, errors="strict") if "%" in stem else stem
    except UnicodeDecodeError:
        return stem


def _holds_all(folder: str, site: Site) -> bool:
    return folder.startswith("_") or (folder in _ROOTS and site.topic(folder) is None)


def _without_language(stem: str) -> tuple[str, str | None]:
    name, _, last = stem.rpartition(".")
    return (name, as_tag(last)) if name and _looks_like_a_language(last) else (stem, None)


def _is_language(folder: str, site: Site) -> bool:
    if not _looks_like_a_language(folder) or (folder in _ENGLISH and _primary(site.language) == "en"):
        return False
    return site.topic(slugify(folder)) is None


def _looks_like_a_language(name: str) -> bool:
    """Whether a name is a code such as `fr`, `pt-BR` or `zh_Hans`; its letters are small at first, for `IT` and `UK` are words."""
    return name[:2] in _LANGUAGES and len(name) != 3 and _LOCALE.fullmatch(name) is not None and name[2:3] in ("", "-", "_")


def as_tag(written: str) -> str | None:
    """A language tag (RFC 5646) of a locale such as `de_AT` or `en_US.UTF-8`; None for what is neither."""
    found = _LOCALE.fullmatch(written.strip())
    if found is None:
        return None
    language, script, region = found.groups()
    return "-".join(part for part in (language.lower(), script and script.title(), region and region.upper()) if part)


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()


def day_of(path: str, zone: ZoneInfo) -> datetime | None:
    """The midnight, in UTC, with which the day begins that a file's name or its folders give; None where there is none."""
    folder, name = posixpath.split(path)
    if folder and name.lower().startswith("index."):
        name = posixpath.basename(folder)
    found = _DAY.match(name)
    if found is None or (not found[2] and len(found[0]) != len("20260521")):
        return day_in(path, zone)
    return _midnight(found[1], found[3], found[4], zone=zone)


def day_in(address: str, zone: ZoneInfo) -> datetime | None:
    """The midnight, in UTC, with which a day begins that folders of a path or an address name, as in `/2026/05/21/ferry`."""
    found = _DAY_OF_FOLDERS.search(address)
    return _midnight(*found.groups(), zone=zone) if found else None


def _midnight(*parts: str, zone: ZoneInfo) -> datetime | None:
    year, month, day = map(int, parts)
    if not EARLIEST_YEAR < year <= LATEST_YEAR:
        return None
    try:
        return datetime(year, month, day, tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None


def among_drafts(path: str) -> bool:
    """Whether a file lies in a folder of drafts, as Jekyll and Hexo call it."""
    return any(part.lower() in _DRAFTS for part in path.split("/")[:-1])
