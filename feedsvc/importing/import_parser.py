"""`ImportParser`: reads what is imported, and writes articles' files, in a process without rights that can be stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath
from typing import TypeVar

import msgspec

from feedsvc.articles import parsers
from feedsvc.articles.parser_pool import PATIENCE, SECONDS
from feedsvc.errors import ArticleError, Fault
from feedsvc.importing.detect import Batch, ImportOptions, read_import
from feedsvc.importing.markdown_writer import written
from feedsvc.model.article import Article
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls
from feedsvc.processes.forkserver import ForkServer
from feedsvc.processes.sandboxed_pool import SandboxedPool
from feedsvc.processes.sandboxed_process import SandboxError, Work

SECONDS_BYTES = 400_000  # for so many bytes begun, a file has an article's seconds: an archive of titles takes 1.6 a megabyte
T = TypeVar("T")
Written = tuple[bytes, Article]


class _Read(msgspec.Struct, tag="read"):
    name: str
    data: bytes
    options: ImportOptions


class _Write(msgspec.Struct, tag="write"):
    path: str
    article: Article


_requested = msgspec.msgpack.Decoder(_Read | _Write).decode
# What comes from the process is checked to be of these types, and nothing else.
_read = msgspec.msgpack.Decoder(tuple[Batch | None, tuple[Fault, ...]]).decode
_written = msgspec.msgpack.Decoder(tuple[Written | None, tuple[Fault, ...]]).decode
_SAMPLES = (
    b'<rss version="2.0"><channel><title>A</title><item><title>A</title><guid>1</guid><description>&lt;p&gt;A</description>'
    b"<link>https://\xc3\xa9.example/</link>"
    b"<pubDate>Thu, 21 May 2026 09:00:00 GMT</pubDate><author>a@example.org (A)</author></item></channel></rss>",
    b'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><id>1</id><entry><title type="html">A</title><id>2</id>'
    b"<updated>2026-05-21T09:00:00Z</updated><content type='html'>A</content></entry></feed>",
    b'<rss xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item>'
    b"<title>A</title><link>https://a.example/a/</link><wp:post_date>2026-05-21 09:00:00</wp:post_date>"
    b"<category domain='category'>A</category><content:encoded>[caption]&lt;img src='a.jpg'&gt; A[/caption]</content:encoded>"
    b"</item></channel></rss>",
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "A", "items": [{"id": "1", "content_text": "A"}]}',
    b'{"data": {"posts": [{"id": "1", "title": "A", "slug": "a", "html": "<p>A", "published_at": "2026-05-21T09:00:00Z"}]}}',
    b"A title\n\nWords.\n",
)

IMPORTERS = ForkServer(__name__)


class ImportParser:
    """Reads files for one site; close it."""

    def __init__(self, site: Site) -> None:
        self._pool = SandboxedPool("feedsvc-parser", IMPORTERS, _prepared, (site,))

    def close(self) -> None:
        """Ends its process."""
        self._pool.close()

    def read(self, name: str, data: bytes, options: ImportOptions) -> Batch:
        """The articles in a file.

        Raises `ArticleError` if none can be read in time: two seconds of processor time for each 400 KB.
        """
        place = f"file{PurePath(name).suffix.lower()}"  # a name may be no text
        request = _Read(place.encode("ascii", "replace").decode(), data, options)
        try:
            batch = self._reply(request, SECONDS * (1 + len(data) // SECONDS_BYTES), _read)
        except ArticleError as error:
            raise ArticleError(*(replace(fault, path=name) for fault in error.faults)) from None
        return replace(batch, faults=tuple(replace(fault, path=name) for fault in batch.faults))

    def write(self, path: str, article: Article) -> Written:
        """The bytes of an article's file at a path, and the article that they are parsed as.

        Raises `ArticleError` if they can't be.
        """
        return self._reply(_Write(path, article), SECONDS, _written)

    def _reply(self, request: _Read | _Write, seconds: float, decode: Callable[[bytes], tuple[T | None, tuple[Fault, ...]]]) -> T:
        try:
            reply, faults = decode(self._pool.submit(msgspec.msgpack.encode(request), seconds, PATIENCE * seconds).result())
        except SandboxError as error:
            raise ArticleError(Fault("", 0, str(error))) from error
        except msgspec.MsgspecError as error:
            raise ArticleError(Fault("", 0, "crashes the parser")) from error
        if reply is None:
            raise ArticleError(*faults)
        return reply


def _prepared(site: Site) -> Work:
    """What the process does with a request, once all that it may need is imported and open."""
    addresses = Urls("", site)
    for data in _SAMPLES:
        _outcome(_Read("sample", data, ImportOptions()), addresses)
    _outcome(_Write("sample.md", Article(title="A", slug="a", body="<p>A *</p>")), addresses)

    def work(request: bytes) -> bytes:
        return msgspec.msgpack.encode(_outcome(_requested(request), addresses))

    return work


def _outcome(request: _Read | _Write, addresses: Urls) -> tuple[Batch | Written | None, tuple[Fault, ...]]:
    site = addresses.site
    try:
        if isinstance(request, _Read):
            return read_import(request.name, request.data, site, request.options), ()
        data = written(request.article, PurePath(request.path).name, site.zone).encode()
        return (data, parsers.read(request.path, data, addresses).article), ()
    except ArticleError as error:
        return None, error.faults
