"""`feedsvc build`: one complete build, and its documents as files if asked for."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from feedsvc.cli.options import options
from feedsvc.errors import NothingPublished, UsageError
from feedsvc.fault_lines import counted
from feedsvc.logs import set_up_logging
from feedsvc.progress import watched
from feedsvc.settings import Settings

if TYPE_CHECKING:
    from feedsvc.articles.folder import ArticlesFolder
    from feedsvc.builder.build import Builder
    from feedsvc.builder.journal import Journal
    from feedsvc.model.document import Document
    from feedsvc.storage.lease import Lease
    from feedsvc.storage.store import Store

SETTLE_SECONDS = 3.0


@click.command()
@options("articles", "database", "public_url", "revision", "log_format")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write every document as a file.")
@click.option("--with-articles", is_flag=True, help="With --out: the articles' own pages too.")
@click.option("--dry-run", is_flag=True, help="Publish nothing; show what would be added, changed and removed in each topic.")
def build(out: Path | None, with_articles: bool, dry_run: bool, **given: Any) -> None:
    """Build once. The exit code is 1 if an article has a fault; all others are published."""
    from feedsvc.articles.folder import ArticlesFolder
    from feedsvc.articles.parser_pool import ParserPool
    from feedsvc.articles.parsers import SUFFIXES
    from feedsvc.articles.revision import revision_of
    from feedsvc.builder.build import Builder
    from feedsvc.builder.export import export
    from feedsvc.builder.journal import Journal
    from feedsvc.status.collect import read_status
    from feedsvc.status.report import counts
    from feedsvc.storage.lease import Lease
    from feedsvc.storage.recovery import open_store

    settings = Settings(**given)
    set_up_logging(settings.log_format)
    folder = ArticlesFolder(settings.articles, SUFFIXES)
    folder.check()
    if dry_run:
        for line in _dry_run(settings, folder):
            click.echo(line)
        return
    store = open_store(settings.database)
    lease = Lease(store)
    if not lease.acquire_patiently():
        raise UsageError("another process builds into this database; stop it first, or name another --database")
    try:
        with ParserPool() as pool:
            builder = Builder(
                store,
                folder,
                pool,
                settings.base_url,
                lambda found_files: watched(found_files, "Reading articles"),
                lambda: settings.revision or revision_of(folder, commits=lease.among_machines),
            )
            try:
                problem = _build_until_still(builder, lease, Journal(store))
            finally:
                builder.maker.close()
    finally:
        lease.release()
    status = read_status(store, datetime.now(UTC))
    click.echo(f"{counts(status)} published")
    if out:
        count = export(_documents(store, settings.base_url, with_articles), out, store.piece)
        click.echo(f"{count} documents written to {out}")
    if wrong := len({fault.path for fault in status.quarantine}):
        click.echo(f"{counted(wrong, 'file')} can't be published as now written; `feedsvc check` says why", err=True)
    if problem or wrong:
        sys.exit(1)


def _dry_run(settings: Settings, folder: ArticlesFolder) -> Iterator[str]:
    from feedsvc.articles.parser_pool import ParserPool
    from feedsvc.builder.build import Builder
    from feedsvc.storage.store import Store

    with ParserPool() as pool, TemporaryDirectory() as nowhere:
        try:
            store = Store(settings.database, create=False)
        except NothingPublished:
            store = Store(f"sqlite:///{nowhere}/feedsvc.db")
        changes = Builder(store, folder, pool, settings.base_url).dry_run(datetime.now(UTC))
        store.close()
    if not changes:
        yield "nothing would change"
    for slug, some in changes.items():
        numbers = [sum(change.kind == kind for change in some) for kind in "+~-"]
        yield "{}: {} added, {} changed, {} removed".format(slug, *numbers)
        yield from (f"  {change.kind} {change.title} ({change.path})" for change in some)


def _build_until_still(builder: Builder, lease: Lease, journal: Journal) -> str | None:
    """One build, and more while files are being written, for a few seconds at most; its problem, if there is one."""
    from feedsvc.builder.schedule import LOOK_AGAIN_SECONDS

    end = time.monotonic() + SETTLE_SECONDS
    hints: set[str] | None = None
    while True:
        now, started = datetime.now(UTC), time.monotonic()
        build = builder.run(now, holder=lease.holder, fence=lease.fence, hints=hints)
        journal.note(now, "feedsvc build", time.monotonic() - started, build)
        hints = build.moving
        if build.pictures:
            builder.maker.settle()
            hints = None
        if build.left or build.pictures:
            end = time.monotonic() + SETTLE_SECONDS
        elif not build.moving:
            return build.problem
        elif time.monotonic() > end:
            return f"{min(build.moving)} is still being written"
        else:
            time.sleep(LOOK_AGAIN_SECONDS)


def _documents(store: Store, public_url: str, with_articles: bool) -> Iterator[Document]:
    from feedsvc.model import urls as at
    from feedsvc.web.archive_feeds import ArchiveFeeds
    from feedsvc.web.article_pages import ArticlePages
    from feedsvc.web.published import Published

    published = Published(store, public_url, lambda: datetime.now(UTC))
    below = at.article_path("")
    archives = ArchiveFeeds(published)
    filed = archives.files()
    for slug, file in watched(filed, "Making archives"):
        if document := archives.find(slug, file):
            yield document
    months = archives.sitemaps()
    yield from filter(None, map(archives.sitemap, months))
    made = {at.archive_path(slug, *file.rsplit(".", 1)) for slug, file in filed}
    made |= {at.sitemap_path(month.removesuffix(".xml")) for month in months}
    for path in store.paths():
        if not path.startswith(below) and path not in made and (document := store.document(path)):
            yield document
    if with_articles:
        pages = ArticlePages(published)
        slugs = sorted(record.slug for record in store.records() if record.live(datetime.now(UTC)))
        for slug in watched(slugs, "Making article pages"):
            page = pages.find(slug)
            if page and page.status == 200:
                yield page
