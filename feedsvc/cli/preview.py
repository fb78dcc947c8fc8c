"""`feedsvc preview`: a signed link to the preview of one article, for somebody without the newsroom's token."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from feedsvc.cli.options import options, secrets
from feedsvc.model.preview_link import DAY_HOURS, MOST_HOURS, PreviewLink
from feedsvc.settings import Settings


@click.command()
@options("articles", "database", "public_url")
@click.option("--hours", type=click.IntRange(1, MOST_HOURS), default=DAY_HOURS, show_default=True, help="How long the link works.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def preview(file: Path, hours: int, **given: Any) -> None:
    """Print a link to the preview of an article, for somebody without the status token; it shows this article alone."""
    from feedsvc.articles.folder import ArticlesFolder
    from feedsvc.articles.parsers import SUFFIXES
    from feedsvc.status.token import StatusToken
    from feedsvc.storage.facts import PUBLIC_URL
    from feedsvc.storage.store import Store
    from feedsvc.web.previews import Previews
    from feedsvc.web.published import Published

    settings = Settings(**given, **secrets(click.get_current_context()))
    path = ArticlesFolder(settings.articles, SUFFIXES).inside(file)
    now = datetime.now(UTC)
    store = Store(settings.database, create=False)
    # Where nobody says it, the address is that of the service, and not the one that it would have with this command's settings.
    base = settings.public_url or store.fact(PUBLIC_URL) or settings.base_url
    published = Published(store, base.rstrip("/"), lambda: now)
    found = Previews(published).in_file(path)
    if found is None:
        click.echo(f"{file}: no build has read an article in it yet; `feedsvc serve` does so within a second of the save", err=True)
        sys.exit(1)
    if found.live_at:
        click.echo(f"{file}: is published, so it needs no preview: {found.live_at}", err=True)
        sys.exit(1)
    link = PreviewLink.made(found.slug, found.of, now, hours)
    click.echo(published.addresses().url(link.path(StatusToken(settings).read())))
