"""The keys of the front matter: what each means for an article. Pure.

`checks` has what all keys share, `release` whether and when an article is public, `names` what its path says.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from feedsvc.articles.parsers import synonyms
from feedsvc.articles.parsers.authors import Author, authors_of, with_url
from feedsvc.articles.parsers.checks import NO, YES, Checks, Key, is_empty, typed
from feedsvc.articles.parsers.faults import Faults, quoted
from feedsvc.articles.parsers.frontmatter import Value
from feedsvc.articles.parsers.images import gallery_of, image_of
from feedsvc.articles.parsers.links import web_link
from feedsvc.articles.parsers.names import Name, as_tag
from feedsvc.articles.parsers.parts import MAX_PASSAGE
from feedsvc.articles.parsers.recordings import recording_of
from feedsvc.articles.parsers.release import DATES, dates, held_back, looks_like_a_date
from feedsvc.kinds import Kind
from feedsvc.model.article import MAX_TEXT, MAX_TOPICS, ArticleKind, Claim, Correction, Image, Medium, Recording
from feedsvc.model.site import RESERVED
from feedsvc.model.slugs import is_slug, slugify
from feedsvc.model.urls import Urls, as_path
from feedsvc.text import is_language_tag, one_line

_NEVER_EMPTY = frozenset({"title", "slug", "id", "topics"})
_RETRACTED = "This article has been retracted."
_INDEX = re.compile(r"index\.(?:html?|md|php)", re.IGNORECASE)
_PAGES = frozenset({"page", "home", "section", "taxonomy", "term"})  # Hugo's kinds of pages, which say nothing of an article
_ENDING = re.compile(r"\.(?:html?|md|markdown|php|aspx?)$", re.IGNORECASE)


def read_fields(front: Mapping[str, Value], path: str, addresses: Urls, faults: Faults) -> dict[str, Any]:
    """The fields of `Article` that the front matter and the path give, checked; always with `slug` and `folder`."""
    return _Fields(path, addresses, faults).read(front)


class _Fields(Checks):
    """Reads one article's keys; a check gives the field's value, or None where it has refused it."""

    def __init__(self, path: str, addresses: Urls, faults: Faults) -> None:
        super().__init__(path, addresses, faults)
        self.name = Name(path, addresses.site)
        self.own_slug = ""

    def read(self, front: Mapping[str, Value]) -> dict[str, Any]:
        """The fields that all keys and the path give."""
        written = self.known(front)
        fields: dict[str, Any] = {"slug": self.slug(written.get("slug", ())), "folder": self.folder()}
        self.own_slug = fields["slug"]
        for field, keys in written.items():
            if field in _CHECKS:
                self.take(field, keys, fields)
        for field in ("topics", "tags"):
            if field in written and (names := self.labels(field, written[field])) is not None:
                fields[field] = names
        if held_back(written.get("draft", ()), self):
            fields["draft"] = True
        fields |= dates(written, self)
        if isinstance(until := fields.get("breaking"), datetime):
            fields |= {"breaking": True, "breaking_until": until}
        if authors := with_url(fields.get("authors", ()), written.get(synonyms.AUTHOR_URL[0], ()), self):
            names, urls = tuple(one.name for one in authors), {one.name: one.url for one in reversed(authors) if one.url}
            fields |= {"authors": names, "author_urls": tuple(urls.items())}
        if images := fields.get("images", ()):
            lead = fields.setdefault("image", images[0])
            fields["images"] = tuple(image for image in images if image.src != lead.src)
        if self.name.language and "language" not in fields:
            fields["language"] = self.name.language
        if self.name.versions and not fields.get("translation_of"):
            fields["translation_of"] = self.name.versions
        return fields

    @property
    def base(self) -> str:
        """What the addresses in the front matter are relative to."""
        return self.addresses.article(self.own_slug)

    def known(self, front: Mapping[str, Value]) -> Mapping[str, list[Key]]:
        """The keys by the fields they are for, the product's own names first; a key of another name is a warning."""
        written: dict[str, list[Key]] = {}
        for key, value in front.items():
            if plain := synonyms.PLAIN.get(key):
                written.setdefault(plain, []).append(Key(key, value))
                continue
            for name, field, inner in self.meant(key, value):
                written.setdefault(field, []).append(Key(name, inner))
        for keys in written.values():
            if len(keys) > 1:
                keys.sort(key=lambda key: synonyms.rank(key.name))
        return written

    def meant(self, key: str, value: Value) -> Sequence[tuple[str, str, Value]]:
        """The fields that a key is for, each with a name and a value: of a table that stands for several, one each."""
        name = key.lower()
        field = synonyms.FIELD_OF.get(name)
        table = value.content if isinstance(value.content, Mapping) else {}
        if name == synonyms.TAXONOMIES:
            return _meant_in(table, ("topics", "tags", "authors"))
        if name == synonyms.EXTRA:
            return [(f"{name}.{part}", meant, one) for part, meant, one in _meant_in(table, synonyms.IN_EXTRA)]
        if name in synonyms.AUTHOR_URL:
            return [(key, synonyms.AUTHOR_URL[0], value)]
        if field is None:
            if name not in synonyms.PASSED_OVER:
                self.unknown(key, value.line, (*synonyms.KEYS, *synonyms.OWN))
            return ()
        if name == "last_update" and table:  # of Docusaurus
            return [(key, field, inner) for part, inner in table.items() if part.lower() == "date"]
        if field == "date" and table:
            return _meant_in(table, DATES)
        if field == "draft" and name in synonyms.PUBLISHED and looks_like_a_date(value):
            field = "date"
        if name == "permalink" and typed(value) in NO:
            field = "draft"  # Eleventy writes no page for it
        return ((key, field, value),)

    def take(self, field: str, keys: Sequence[Key], fields: dict[str, Any]) -> None:
        """The first of a field's keys that says something; two names of the product's own that differ are refused."""
        for again in keys[1:]:
            first = keys[0]
            is_own = again.name.lower() in (*synonyms.KEYS, *synonyms.OWN)
            if is_own and first.value.content != again.value.content:
                first, second = sorted((first, again), key=lambda key: key.value.line)
                reason = f"{second.name} is the same as {first.name} in line {first.value.line}; keep one"
                self.faults.refuse(second.value.line, reason)
        for key in keys:
            if is_empty(key.value) and (key.value.content is None or field not in _NEVER_EMPTY):
                if field == "title":
                    self.faults.refuse(key.value.line, "title is empty")
            elif (found := _CHECKS[field](self, key.name, key.value)) is not None:
                fields[field] = found
                return

    # ---- names

    def slug(self, keys: Sequence[Key]) -> str:
        for key in keys:
            if key.value.content is not None and (slug := self.slug_in(key)):
                return slug
        if not (slug := self.name.slug()):
            file = posixpath.basename(self.path)
            self.faults.refuse(1, f"no slug can be made of the file's name {quoted(file)}; give it one with slug:")
        return slug or "slug"

    def slug_in(self, key: Key) -> str | None:
        """The slug in a key: a slug, or the last part of an address, decoded; "slug" where it is refused."""
        text = self.text("slug" if synonyms.rank(key.name) == 0 else key.name, key.value)
        if text is None:
            return "slug"
        if any(sign in text for sign in ("{", "}", ":")) and not text.startswith(("http://", "https://")):
            return None  # a pattern of another system, such as /:year/:title/
        foreign = synonyms.rank(key.name) > 0
        is_path = foreign or "/" in text
        parts = unquote(text.partition("?")[0].partition("#")[0] if is_path else text).split("/")
        named = [part for part in parts if part and not (is_path and _INDEX.fullmatch(part))]
        last = named[-1] if named else ""
        slug = unicodedata.normalize("NFC", _ENDING.sub("", last) if is_path else last)
        if ".." in parts or "." in parts:
            slug = ""
        if is_slug(slug):
            return slug
        if slugify(slug) and (is_path or "%" in text):
            return slugify(slug)
        if foreign or text == "/":
            return None
        better = f"; {quoted(slugify(text))} would be one" if slugify(text) else ""
        self.faults.refuse(key.value.line, f"slug {quoted(text)} is not letters, digits and hyphens{better}")
        return "slug"

    def folder(self) -> str | None:
        if not (topic := self.name.topic):
            return None
        if slugify(topic) in RESERVED:
            self.faults.warn(Kind.LEFT_OUT_TOPIC, 0, f"the folder {quoted(topic)} is no topic, since that name is reserved")
            return None
        return one_line(unicodedata.normalize("NFC", topic))

    def labels(self, field: str, keys: Sequence[Key]) -> tuple[str, ...] | None:
        """The names of topics or tags in all keys that have some."""
        names: dict[str, str] = {}
        for key in keys:
            strict = key.name.lower() == "topics"
            if is_empty(key.value) and (not strict or key.value.content is None):
                continue
            for one in self.label_values(key, strict):
                if strict:
                    name = self.words("a topic", one)
                else:
                    name = None if is_empty(one) or not isinstance(one.content, str) else self.words(key.name, one)
                if name is None:
                    continue
                slug = slugify(name)
                if not slug or (strict and ("/" in name or "\\" in name)):
                    if strict:
                        self.faults.refuse(one.line, f"topic {quoted(name)} is not a name")
                    else:
                        reason = f"{key.name} {quoted(name)} is left out, since it is not a name"
                        self.faults.warn(Kind.LEFT_OUT_TOPIC, one.line, reason)
                elif field == "topics" and slug in RESERVED:
                    reason = f"topic {quoted(name)} is left out, since that name is reserved"
                    self.faults.warn(Kind.LEFT_OUT_TOPIC, one.line, reason)
                elif len(names) < MAX_TOPICS:
                    names.setdefault(slug, name)
                elif slug not in names:
                    reason = f"there are more than {MAX_TOPICS} {field}; the rest is left out"
                    self.faults.warn(Kind.LEFT_OUT_TOPIC, one.line, reason)
                    return tuple(names.values())
        return tuple(names.values())

    def label_values(self, key: Key, strict: bool) -> Sequence[Value]:
        value = key.value
        if isinstance(value.content, str):
            text = str(self.whole(key.name, value).content)
            spaced = key.name.lower() in synonyms.SPACED and "," not in text
            value = Value(value.line, tuple(Value(value.line, name) for name in (text.split() if spaced else text.split(","))))
        elif not strict:
            return _flat(value)
        if not isinstance(value.content, tuple):
            self.faults.refuse(value.line, "topics is a list of names, not a table")
            return ()
        if strict and len(value.content) > MAX_TOPICS:
            self.faults.refuse(value.line, f"{len(value.content):,} topics are named; at most {MAX_TOPICS} are allowed")
            return ()
        return value.content

    def story(self, key: str, value: Value) -> str | None:
        text = self.words(key, value)
        if text is not None and not slugify(text):
            self.faults.refuse(value.line, f"story {quoted(text)} is not a name")
            return None
        return text

    # ---- what is said

    def authors(self, key: str, value: Value) -> tuple[Author, ...] | None:
        return authors_of(key, value, self)

    def standfirst(self, key: str, value: Value) -> str | None:
        if synonyms.rank(key) > 1 and (not isinstance(value.content, str) or typed(value) in YES | NO):
            return None  # a setting of another system, such as `excerpt: true`
        return self.words(key, value, MAX_PASSAGE)

    def breaking(self, key: str, value: Value) -> bool | datetime | None:
        return self.date(key, value) if typed(value)[:1].isdigit() else self.flag(key, value)

    def lead(self, key: str, value: Value) -> bool | None:
        said = typed(value)
        if said not in YES | NO:  # in other systems it may be a text
            self.faults.warn(Kind.VALUE, value.line, f"{key} is neither true nor false, and is left out")
            return None
        return said in YES

    def retracted(self, key: str, value: Value) -> str | None:
        text = self.words(key, value, MAX_PASSAGE)
        if text is None or text.lower() in NO:
            return None
        if text.lower() not in YES:
            return text
        # It counts all the same: a retraction that is refused would leave the article where it is.
        reason = f"{key} gives no reason; write one, for readers see it: {key}: The figures were wrong"
        self.faults.warn(Kind.NO_REASON, value.line, reason)
        return _RETRACTED

    def claim(self, key: str, value: Value) -> Claim | None:
        text = self.text(key, value)
        if text is None or text.lower() in tuple(Claim):
            return None if text is None else Claim(text.lower())
        self.faults.refuse(value.line, f"claim {quoted(text)} is neither {Claim.REPORTED} nor {Claim.CONFIRMED}")
        return None

    def kind(self, key: str, value: Value) -> ArticleKind | None:
        text = self.text(key, value)
        if text is None or text.lower() in _PAGES:
            return None
        if text.lower() in tuple(ArticleKind):
            return ArticleKind(text.lower())
        self.faults.refuse(value.line, f"kind {quoted(text)} is none of {', '.join(ArticleKind)}")
        return None

    def syndicate(self, key: str, value: Value) -> tuple[str, ...] | None:
        """The names of who may have it; none for a no, and None for a yes."""
        if isinstance(value.content, str) and typed(value) in (*YES, *NO):
            return None if typed(value) in YES else ()
        names = [one.content for one in self.listed(key, value) or ()]
        if names and all(isinstance(name, str) and is_slug(name) for name in names):
            return tuple(dict.fromkeys(name.lower() for name in names if isinstance(name, str)))
        self.faults.refuse(value.line, f"{key} is true, false, or a list of names of feeds and partners")
        return None

    def language(self, key: str, value: Value) -> str | None:
        text = self.text(key, value)
        if text is None:
            return None
        tag = text if is_language_tag(text) else as_tag(text)
        if tag is None and synonyms.rank(key):
            reason = f'{key} {quoted(text)} is left out, since it is not a language tag such as "en-GB"'
            self.faults.warn(Kind.VALUE, value.line, reason)
        elif tag is None:
            self.faults.refuse(value.line, f'language {quoted(text)} is not a language tag such as "en-GB"')
        return tag

    def link(self, key: str, value: Value) -> str | None:
        text = self.text(key, value, most=2 * MAX_TEXT)
        url = web_link(text, self.base) if text is not None else None
        if text is not None and url is None:
            self.faults.refuse(value.line, f"link {quoted(text)} is not an http(s) address")
        return url

    def aliases(self, key: str, value: Value) -> tuple[str, ...] | None:
        """The paths at which the article was before; one that is none is left out, for the article is none the worse."""
        if (listed := self.listed(key, value)) is None:
            return None
        found: dict[str, None] = {}
        for one in listed:
            written = one.content if isinstance(one.content, str) else ""
            at = urlsplit(written.strip()) if "://" in written else None
            if path := as_path(at.path if at else posixpath.join("/", posixpath.dirname(self.path), written.strip())):
                found[path] = None
            else:
                reason = f'{key} {quoted(written)} is left out, since it is not a path such as "/2019/05/bell/"'
                self.faults.warn(Kind.VALUE, one.line, reason)
        return tuple(found)

    def image(self, key: str, value: Value) -> Image | None:
        return image_of(key, value, self, self.base)

    def images(self, key: str, value: Value) -> tuple[Image, ...]:
        return gallery_of(key, value, self, self.base)

    def audio(self, key: str, value: Value) -> Recording | None:
        return recording_of(Medium.AUDIO, key, value, self, self.base)

    def video(self, key: str, value: Value) -> Recording | None:
        return recording_of(Medium.VIDEO, key, value, self, self.base)

    def corrections(self, key: str, value: Value) -> tuple[Correction, ...] | None:
        if (listed := self.listed(key, value)) is None:
            return None
        corrections = [self.correction(one) for one in listed]
        return tuple(correction for correction in corrections if correction)

    def correction(self, value: Value) -> Correction | None:
        table = value.content if isinstance(value.content, Mapping) else {}
        if not {"date", "text"} <= table.keys():
            self.faults.refuse(value.line, "a correction has a date and a text")
            return None
        for name in table.keys() - {"date", "text"}:
            self.unknown(name, table[name].line, ("date", "text"))
        date = self.date("a correction's date", table["date"])
        text = self.words("a correction's text", table["text"], MAX_PASSAGE)
        return Correction(date, text) if date is not None and text is not None else None


_CHECKS: Mapping[str, Callable[[_Fields, str, Value], Any]] = {
    "title": Checks.words,
    "id": Checks.text,
    "authors": _Fields.authors,
    "story": _Fields.story,
    "standfirst": _Fields.standfirst,
    "key_points": Checks.texts,
    "why_it_matters": Checks.passage,
    "what_it_means": Checks.passage,
    "link": _Fields.link,
    "image": _Fields.image,
    "images": _Fields.images,
    "audio": _Fields.audio,
    "video": _Fields.video,
    "lead": _Fields.lead,
    "breaking": _Fields.breaking,
    "claim": _Fields.claim,
    "kind": _Fields.kind,
    "syndicate": _Fields.syndicate,
    "corrections": _Fields.corrections,
    "retracted": _Fields.retracted,
    "language": _Fields.language,
    "translation_of": Checks.text,
    "aliases": _Fields.aliases,
}


def _meant_in(table: Mapping[str, Value], fields: Sequence[str]) -> list[tuple[str, str, Value]]:
    """The keys of a table that stand for fields of the article, as if they stood by themselves."""
    found = ((name, synonyms.FIELD_OF.get(name.lower()), value) for name, value in table.items())
    return [(name, field, value) for name, field, value in found if field and field in fields]


def _flat(value: Value) -> list[Value]:
    """The texts in a list of lists, or of tables that have names, as Hexo nests its categories."""
    if isinstance(value.content, tuple):
        return [inner for one in value.content for inner in _flat(one)]
    if isinstance(value.content, Mapping):
        return [one for name, one in value.content.items() if name.lower() in ("name", "title", "label")]
    return [value]
