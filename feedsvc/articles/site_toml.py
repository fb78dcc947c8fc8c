"""Reads `site.toml`: what the newsroom says of its portal and topics. A fault names the line at which it stands.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields, replace
from difflib import get_close_matches
from functools import partial
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from feedsvc.articles.authors_toml import KEYS as AUTHOR_KEYS
from feedsvc.articles.authors_toml import MAX_AUTHORS, by_every_name, read_author
from feedsvc.articles.feeds_toml import KEYS, MAX_ENTRIES, MAX_FEEDS, MAX_HOURS, is_secret, read_feed
from feedsvc.articles.podcast_toml import read_podcast
from feedsvc.articles.targets_toml import TargetsToml
from feedsvc.articles.toml_faults import explained
from feedsvc.errors import Fault, SiteError
from feedsvc.kinds import Kind
from feedsvc.model.author import Author
from feedsvc.model.feed import Feed
from feedsvc.model.site import ENDED_PARTNERS, PARTNERS, RESERVED, SITE_FILE, Site, Topic
from feedsvc.model.slugs import is_slug, slugify
from feedsvc.model.urls import MOVED, PLACES, as_path
from feedsvc.text import is_language_tag, is_uri, is_web_url, one_line

MAX_BREAKING_MINUTES = 7 * 24 * 60  # what breaks for longer than a week is a mistake
MAX_REDIRECTS = 10_000
_TABLES = ("topics", "feeds", "authors", "redirects", "webhooks", "purges")
_PLACE = re.compile(r"\{(\w*)\}")


def read_site(data: bytes, path: str = SITE_FILE) -> tuple[Site, tuple[Fault, ...]]:
    """The site that `site.toml` describes, with its warnings.

    Raises `SiteError` with every fault found.
    """
    return _Reader(data, path).read()


class _Reader:
    """Checks one `site.toml` and gathers its faults."""

    _SITE_KEYS = tuple(f.name for f in fields(Site) if f.init and f.name not in _TABLES)
    _NUMBERS: ClassVar = {
        "entries_per_feed": (1, MAX_ENTRIES),
        "feed_hours": (0, MAX_HOURS),
        "breaking_minutes": (1, MAX_BREAKING_MINUTES),
        "digest_hour": (0, 23),
    }
    _FLAGS: ClassVar = frozenset({"tags_are_topics", "new_topics"})
    _LISTS: ClassVar = {"partners": PARTNERS, "sponsored": (*PARTNERS, "digest", "sitemap")}
    _TOPIC_KEYS = tuple(f.name for f in fields(Topic) if f.name != "slug")

    def __init__(self, data: bytes, path: str) -> None:
        self.path = path
        self.faults: list[Fault] = []
        try:
            self.text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            raise SiteError(Fault(path, 0, f"is not UTF-8: a wrong byte at offset {error.start}")) from error

    def read(self) -> tuple[Site, tuple[Fault, ...]]:
        try:
            document = tomllib.loads(self.text)
        except (ValueError, RecursionError) as error:  # a ValueError alone is a number of too many digits
            line, reason = explained(error, self.text)
            raise SiteError(Fault(self.path, line, f"is not TOML: {reason}")) from error
        for key in document.keys() - {"site", *_TABLES}:
            self._unknown(key, ("site", *_TABLES), "", key)
        site = self._site(self._table(document, "site"))
        site = replace(site, redirects=self._redirects(self._table(document, "redirects")))
        site = replace(site, topics=self._topics(self._table(document, "topics")))
        targets = TargetsToml(document, self.text, self.path)
        site = replace(site, webhooks=targets.webhooks(), purges=targets.purges())
        self.faults += targets.faults
        self._names_agree(site)
        site = replace(site, topics=tuple(_with_parts_by_slug(topic, site) for topic in site.topics))
        site = replace(site, authors=self._authors(self._table(document, "authors")))
        site = replace(site, feeds=self._feeds(self._table(document, "feeds"), site))
        for topic in site.topics:
            for part in filter(site.has_feed, topic.chosen.topics):
                section = f"topics.{topic.slug}"
                self._fault(section, "", f'[{section}] a topic can\'t be made of "{part}", which is a feed')
        errors = [fault for fault in self.faults if not fault.warning]
        if errors:
            raise SiteError(*sorted(errors))
        return site, tuple(sorted(self.faults))

    def _site(self, table: dict[str, Any]) -> Site:
        values: dict[str, Any] = {}
        for key, value in table.items():
            if key not in self._SITE_KEYS:
                self._unknown(key, self._SITE_KEYS, "site", key)
            elif key == "links":
                values[key] = self._links(value)
            elif key in self._NUMBERS:
                least, most = self._NUMBERS[key]
                if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
                    values[key] = value
                else:
                    self._fault("site", key, f"{key} is a number from {least} to {most}")
            elif key in self._FLAGS:
                if isinstance(value, bool):
                    values[key] = value
                else:
                    self._fault("site", key, f"{key} is true or false")
            elif key in self._LISTS:
                wanted = self._without_ended(key, value)
                if isinstance(wanted, list) and all(one in self._LISTS[key] for one in wanted):
                    values[key] = tuple(dict.fromkeys(wanted))
                else:
                    self._fault("site", key, f"{key} is a list of {', '.join(self._LISTS[key])}")
            elif (text := self._string("site", key, value)) is not None:
                values[key] = text
        self._check_site(values)
        return Site(**values)

    def _without_ended(self, key: str, partners: Any) -> Any:
        """A list of partners without those that take no feeds any more, of each of which there is a warning."""
        if not isinstance(partners, list):
            return partners
        for name, reason in ENDED_PARTNERS.items():
            if name in partners:
                said = f'{key} names "{name}", which is left out: {reason}'
                self.faults.append(Fault.warn(Kind.VALUE, self.path, self._line("site", key), said))
        return [one for one in partners if not (isinstance(one, str) and one in ENDED_PARTNERS)]

    def _check_site(self, values: dict[str, Any]) -> None:
        if "timezone" in values:
            try:
                ZoneInfo(values["timezone"])
            except (OSError, ValueError, KeyError):
                self._fault("site", "timezone", f'timezone "{values.pop("timezone")}" is not a time zone such as "Europe/London"')
        if "language" in values and not is_language_tag(values["language"]):
            self._fault("site", "language", f'language "{values.pop("language")}" is not a language tag such as "en-GB"')
        for key in ("url", "article_url", "license", "logo", "hub"):
            if values.get(key) == "":
                del values[key]
            elif key in values and not is_web_url(_PLACE.sub("x", values[key])):
                self._fault("site", key, f'{key} "{values.pop(key)}" is not an http(s) address')
            elif key in values and not is_uri(_PLACE.sub("x", values[key])):
                self._fault("site", key, f'{key} "{values.pop(key)}" has characters that must be percent-encoded')
        if "media_root" in values and not _is_media_root(values["media_root"]):
            shown = values.pop("media_root")
            self._fault("site", "media_root", f'media_root "{shown}" is neither a folder among the articles nor an http(s) address')
        places = _PLACE.findall(values.get("article_url", "{slug}"))
        if not {"slug", "path"} & {*places}:
            self._fault("site", "article_url", "article_url does not contain {slug} or {path}")
        for place in {*places} - {*PLACES}:
            known = ", ".join(f"{{{name}}}" for name in PLACES)
            self._fault("site", "article_url", f"article_url contains {{{place}}}; known are {known}")
        if "title" in values and not values["title"]:
            self._fault("site", "title", "title is empty")

    def _links(self, value: Any) -> tuple[tuple[str, str], ...]:
        if not isinstance(value, dict):
            self._fault("site", "links", 'links is a table such as {Facebook = "https://…"}')
            return ()
        pairs = []
        for name, url in value.items():
            if isinstance(url, str) and is_web_url(url) and one_line(name):
                pairs.append((one_line(name), url))
            else:
                self._fault("site", "links", f'the link "{name}" is not an http(s) address')
        return tuple(pairs)

    def _redirects(self, table: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        """Where what was elsewhere is now. Each leads there at once: what leads on to another, or back, is a fault."""
        if len(table) > MAX_REDIRECTS:
            self._fault("redirects", "", f"there are {len(table):,} redirects; at most {MAX_REDIRECTS:,} are allowed")
            return ()
        found: dict[str, str] = {}
        for old, new in table.items():
            path, place = as_path(old), as_path(new) if isinstance(new, str) else None
            if path is None or path == "/":
                self._fault("redirects", old, f'"{old}" is not a path such as "/feed/", without a query')
            elif place is None and not (isinstance(new, str) and is_web_url(new) and is_uri(new)):
                self._fault("redirects", old, f'"{old}" leads to {_shown(new)}, which is neither a path nor an http(s) address')
            elif path in found:
                self._fault("redirects", old, f'"{old}" is there twice, with a slash at its end and without')
            else:
                found[path] = place or new
        for old in table:
            path = as_path(old)
            if path and (new := found.get(path)) in (*found, *MOVED):
                self._fault("redirects", old, f'"{old}" leads to "{new}", which leads elsewhere itself; name where that leads')
        return tuple(found.items())

    def _topics(self, table: dict[str, Any]) -> tuple[Topic, ...]:
        return tuple(topic for slug, value in table.items() if (topic := self._topic(slug, value)))

    def _topic(self, slug: str, value: Any) -> Topic | None:
        section = f"topics.{slug}"
        if not isinstance(value, dict):
            self._fault("topics", slug, f"topics.{slug} is a table")
            return None
        if slug in RESERVED:
            self._fault(section, "", f'the topic "{slug}" is reserved')
        elif slugify(slug) != slug or not is_slug(slug):
            self._fault(section, "", f'"{slug}" is not a topic\'s slug; "{slugify(slug) or "politics"}" would be one')
        values: dict[str, Any] = {"slug": slug, "name": slug.replace("-", " ").capitalize()}
        for key, given in value.items():
            if key not in self._TOPIC_KEYS:
                self._unknown(key, self._TOPIC_KEYS, section, key)
            elif key == "retired":
                if isinstance(given, bool):
                    values[key] = given
                else:
                    self._fault(section, key, "retired is true or false")
            elif key == "podcast":
                values[key] = read_podcast(given, partial(self._fault, section, key))
            elif key in ("name", "description"):
                if text := self._string(section, key, given):
                    values[key] = text
            elif isinstance(given, list) and all(_listed(key, one) for one in given):
                values[key] = tuple(_listed(key, one) for one in given)
            else:
                self._fault(section, key, f"{key} is a list of names")
        return Topic(**values)

    def _names_agree(self, site: Site) -> None:
        taken: dict[str, str] = {topic.slug: topic.slug for topic in site.topics}
        for topic in site.topics:
            section = f"topics.{topic.slug}"
            for alias in topic.aliases:
                if alias in RESERVED or alias in taken:
                    owner = f', which is {taken[alias]}\'s already' if alias in taken else ", which is reserved"
                    self._fault(section, "aliases", f'alias "{alias}"{owner}')
                taken.setdefault(alias, topic.slug)
            for part in topic.chosen.topics:
                other = site.topic(part)
                if part == topic.slug or (other and other.composed):
                    self._fault(section, "", f'a topic can\'t be made of "{part}", which is made of others itself')

    def _feeds(self, table: dict[str, Any], site: Site) -> tuple[Feed, ...]:
        if len(table) > MAX_FEEDS:
            self._fault("feeds", "", f"there are {len(table):,} feeds; at most {MAX_FEEDS} are allowed")
            return ()
        feeds = []
        for name, given in table.items():
            section = f"feeds.{name}"
            if isinstance(given, dict):
                wrong, unknown = partial(self._inside, section), partial(self._unknown_of, section, KEYS)
                feeds.append(read_feed(name, given, site, wrong, unknown))
            else:
                self._fault("feeds", name, f"{section} is a table")
        return tuple(feeds)

    def _authors(self, table: dict[str, Any]) -> tuple[Author, ...]:
        if len(table) > MAX_AUTHORS:
            self._fault("authors", "", f"there are {len(table):,} authors; at most {MAX_AUTHORS:,} are allowed")
            return ()
        authors: dict[str, Author] = {}
        for slug, given in table.items():
            section = f"authors.{slug}"
            if isinstance(given, dict):
                wrong, unknown = partial(self._inside, section), partial(self._unknown_of, section, AUTHOR_KEYS)
                authors[slug] = read_author(slug, given, wrong, unknown)
            else:
                self._fault("authors", slug, f"{section} is a table")
        return tuple(by_every_name(authors, lambda slug, why: self._inside(f"authors.{slug}", "aliases", why)))

    def _inside(self, section: str, key: str, reason: str) -> None:
        self._fault(section, key, f"[{section}] {reason}")

    def _unknown_of(self, section: str, known: tuple[str, ...], key: str) -> None:
        self._unknown(key, known, section, key)

    def _string(self, section: str, key: str, value: Any) -> str | None:
        if not isinstance(value, str):
            self._fault(section, key, f"{key} is a text in quotes")
            return None
        return one_line(value)

    def _table(self, document: dict[str, Any], key: str) -> dict[str, Any]:
        value = document.get(key, {})
        if isinstance(value, dict):
            return value
        self._fault("", key, f"[{key}] is a table")
        return {}

    def _unknown(self, key: str, known: tuple[str, ...], section: str, written: str) -> None:
        if is_secret(key):
            reason = f"{key} does not belong into this file, which many can read: secrets are in the environment"
            self._fault(section, written, reason)
            return
        near = get_close_matches(key, known, 1)
        hint = f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(known)}"
        reason = f'unknown key "{key}"{hint}'
        self.faults.append(Fault.warn(Kind.UNKNOWN_KEY, self.path, self._line(section, written), reason))

    def _fault(self, section: str, key: str, reason: str) -> None:
        self.faults.append(Fault(self.path, self._line(section, key), reason))

    def _line(self, section: str, key: str) -> int:
        """The line of a key in its section: tomllib keeps no positions, so it is looked for as people write it."""
        sought, best, inside = _bare(f"{section}.{key}".strip(".")), 0, section == ""
        for number, line in enumerate(self.text.split("\n"), 1):
            if header := re.match(r"\s*\[+([^\]]+)\]", line):
                name = _bare(header[1])
                if name == sought or name.startswith(f"{sought}."):
                    return number
                inside = name == _bare(section)
                best = number if inside else best
            elif inside and key and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", line):
                return number
        if best or not section:
            return best or 1
        # The whole section stands on one line of the one that it lies in, or above all.
        return self._line(*section.rpartition(".")[::2])


def _listed(key: str, written: Any) -> str:
    """A name in a list as it counts, "" for what is none: a keyword as written, all else as a slug."""
    if not isinstance(written, str):
        return ""
    return one_line(written) if key == "keywords" else slugify(written)


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else f"a {type(value).__name__}"


def _is_media_root(written: str) -> bool:
    if "://" in written:
        return is_web_url(written) and is_uri(written)
    parts = written.strip("/").split("/")
    return "\\" not in written and not any(part.startswith(".") or not part for part in parts)


def _bare(name: str) -> str:
    return re.sub(r"""["'\s]""", "", name)


def _with_parts_by_slug(topic: Topic, site: Site) -> Topic:
    """A topic whose parts are named by their slugs, where `site.toml` names them by their aliases."""

    def by_slug(parts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(found.slug if (found := site.topic(part)) else part for part in parts)

    return replace(topic, any=by_slug(topic.any), all=by_slug(topic.all), none=by_slug(topic.none))
