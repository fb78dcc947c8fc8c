"""Conversion of what the database keeps, to rows and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
from zlib_ng import zlib_ng

from feedsvc.errors import Fault
from feedsvc.model.article import Article
from feedsvc.model.document import Document, Encoded, Kept, Unpacked
from feedsvc.model.etag import etag
from feedsvc.model.picture import Picture
from feedsvc.model.record import Record, State
from feedsvc.model.slugs import slugify


class Head(msgspec.Struct, omit_defaults=True):
    """What is stored of a document besides its bytes."""

    content_type: str
    last_modified: int
    max_age: int
    etags: dict[str, str]
    location: str | None = None
    links: tuple[str, ...] = ()
    open: bool = False
    copy: str | None = None
    size: int = 0
    protected: str = ""


class _CameOut(msgspec.Struct):
    """What a record of schema version 2 kept in the place of `Record.seen`: the date under which readers last saw an article."""

    came_out: datetime | None = None


# Made here once, before there are threads: two threads that make a decoder of one class at the same moment can crash msgspec.
head_of = msgspec.json.Decoder(Head).decode
_decode_record = msgspec.json.Decoder(Record).decode
_came_out_of = msgspec.json.Decoder(_CameOut).decode
faults_of = msgspec.json.Decoder(tuple[Fault, ...]).decode
picture_of = msgspec.json.Decoder(Picture).decode
_decode_article = msgspec.json.Decoder(Article).decode


def record_of(data: bytes) -> Record:
    """The record that was stored, by this release or by an earlier one."""
    record = _decode_record(data)
    if record.seen is None and b'"came_out":"' in data and (published := _came_out_of(data).came_out):
        return replace(record, seen=replace(record.last_seen, published=published))
    return record


def article_of(data: bytes) -> Article:
    """The article that was packed."""
    return _decode_article(zlib_ng.decompress(data))


def ledger_row(record: Record) -> dict[str, object]:
    """A record as a row of the ledger, without its article."""
    story = record.story[0] if record.story else None
    return {"id": record.id, "slug": record.slug, "story": story, "record": msgspec.json.encode(record)}


def byline_rows(record: Record) -> list[dict[str, object]]:
    """Under whose names readers find an article, or did when they saw it last."""
    if record.state is State.STANDING:
        gone, moment, names = 0, record.published, record.authors
    elif record.shown and record.last_seen.id == record.id:
        gone, moment, names = 1, record.since, record.last_seen.authors
    else:
        return []
    times = {"gone": gone, "moment": seconds(moment), "shown": seconds(record.first_shown)}
    slugs = dict.fromkeys(filter(None, map(slugify, names)))
    return [{"id": record.id, "slug": slug, **times} for slug in slugs]


def translation_rows(record: Record) -> list[dict[str, object]]:
    """What an article says that it is a translation of."""
    key = record.translation_of if record.state is State.STANDING else None
    return [{"id": record.id, "key": key}] if key else []


def document_row(document: Document, generation: int) -> dict[str, object]:
    """A document as a row; where gzip holds its plain bytes, they are left out."""
    encodings = document.encodings
    head = Head(
        content_type=document.content_type,
        last_modified=seconds(document.last_modified),
        max_age=document.max_age,
        etags={coding: encoded.etag for coding, encoded in encodings.items()},
        location=document.location,
        links=document.links,
        open=document.open,
        copy=kept.copy if (kept := document.kept) else None,
        size=kept.size if kept else 0,
        protected=document.protected,
    )
    packed = "gzip" in encodings
    return {
        "path": document.path,
        "generation": generation,
        "status": document.status,
        "head": msgspec.json.encode(head),
        "identity": None if packed or kept else encodings["identity"].body,
        "gzip": encodings["gzip"].body if packed else None,
        "br": encodings["br"].body if packed else None,
    }


def document_of(row: object) -> Document:
    """The document that a row holds.

    Raises `msgspec.DecodeError` if its bytes don't match its ETags, which SQLite itself doesn't notice.
    """
    columns: Mapping[str, object] = row._mapping  # type: ignore[attr-defined]
    head = head_of(columns["head"])  # type: ignore[arg-type]
    encodings: dict[str, Encoded] = {
        coding: Encoded(bytes(body), head.etags[coding])  # type: ignore[call-overload]
        for coding in ("identity", "gzip", "br")
        if (body := columns[coding]) is not None
    }
    if any(encoded.etag != etag(encoded.body) for encoded in encodings.values()):
        raise msgspec.DecodeError(f"the bytes at {columns['path']} are not those of their ETag")
    if head.copy:
        encodings["identity"] = Kept(head.copy, head.size, head.etags["identity"])
    if "identity" not in encodings:
        encodings["identity"] = Unpacked(encodings["gzip"].body, head.etags["identity"])
    return Document(
        path=str(columns["path"]),
        encodings=encodings,
        content_type=head.content_type,
        last_modified=moment(head.last_modified),
        max_age=head.max_age,
        status=int(columns["status"]),  # type: ignore[call-overload]
        location=head.location,
        links=head.links,
        open=head.open,
        protected=head.protected,
    )


def picture_row(picture: Picture) -> dict[str, object]:
    """A picture as a row."""
    due = seconds(picture.due) if picture.due else None
    return {"file": picture.file, "key": picture.key, "due": due, "picture": msgspec.json.encode(picture)}


def seconds(moment: datetime) -> int:
    """A moment as seconds since 1970."""
    return int(moment.timestamp())


def moment(seconds: int) -> datetime:
    """The moment of so many seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
