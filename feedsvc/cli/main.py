"""The commands. With `wsgi.py` the only place that reads the environment and puts the parts together.

Exit codes: 0 done, 1 something in the input is wrong, 2 wrong usage or settings.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from feedsvc.cli.options import flag, options
from feedsvc.errors import ArticleError, Fault, FeedsvcError, NothingPublished, TokenError, UsageError
from feedsvc.logs import set_up_logging
from feedsvc.model.site import PARTNERS
from feedsvc.progress import watched
from feedsvc.settings import SECRETS, SETTINGS, Settings, environment_name

# Each command imports its own parts: every process of a service begins with this module.
if TYPE_CHECKING:
    from flask import Flask

    from feedsvc.articles.folder import ArticlesFolder
    from feedsvc.builder.build import Builder
    from feedsvc.builder.journal import Journal
    from feedsvc.importing.feed_entry import Wishes
    from feedsvc.importing.filing import Filing
    from feedsvc.model.document import Document
    from feedsvc.status.token import StatusToken
    from feedsvc.storage.lease import Lease
    from feedsvc.storage.store import Store

SETTLE_SECONDS = 3.0
RELOAD_SECONDS = 130.0


def _secrets(context: click.Context) -> dict[str, Any]:
    """The settings that have no flag, as far as environment or file have them."""
    told = context.default_map or {}
    return {name: value for name in SECRETS if (value := os.environ.get(environment_name(name)) or told.get(name))}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="feedsvc")
def cli() -> None:
    """Feeds, headlines and pages from a folder of articles."""


@cli.command()
@options(*SETTINGS)
def serve(**given: Any) -> None:
    """Watch the articles, build what changes, and serve what is published; take new settings at SIGHUP."""
    from feedsvc.supervisor import service as service

    sources = service.begin()
    from feedsvc.status.token import StatusToken

    typed = _typed(click.get_current_context())

    def load() -> Settings:
        try:
            again = serve.make_context("feedsvc", list(typed))
        except click.ClickException as error:
            raise UsageError(_sentence(error)) from error
        return Settings(**again.params, **_secrets(again))

    token = StatusToken(load())

    def announce(address: str) -> None:
        click.echo(f"feedsvc is ready at {address}")
        click.echo(f"its status is at {address}/status: {_way_in(token)}")

    service.serve(load, sources, announce)


def _typed(context: click.Context) -> list[str]:
    """What was typed, which stays as it is at a reload, when environment and file are asked again."""
    typed = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    file = ["--settings", str(context.meta["settings"])] if "settings" in context.meta else []
    return [*file, *(word for name in typed for word in (flag(name), str(context.params[name])))]


@cli.command()
@options("database")
def reload(**given: Any) -> None:
    """Have the running service take its settings anew, and the code of a new release, without a request dropped.

    The exit code is 1 where it refuses them: all then stays as it was.
    """
    from feedsvc.processes.pidfile import PidFile

    register = PidFile(Settings(**given).folder)
    found = register.find()
    if found is None:
        raise UsageError(f"no service runs that stands in {register.path}; its --database says where that is")
    os.kill(found.pid, signal.SIGHUP)
    end = time.monotonic() + RELOAD_SECONDS
    while time.monotonic() < end:
        now = register.find()
        if now is None or now.pid != found.pid:
            raise UsageError("the service has ended")
        if now.reloads > found.reloads:
            break
        time.sleep(0.05)
    else:
        click.echo(f"asked process {found.pid} to reload; it has not said yet how that went, and its log will", err=True)
        sys.exit(1)
    if now.refused:
        click.echo(f"not reloaded, all stays as it was: {now.refused}", err=True)
        sys.exit(1)
    click.echo(f"reloaded: process {found.pid}")


def _way_in(token: StatusToken) -> str:
    """How to be let in, with the token itself on a terminal alone: what is written elsewhere is a log, and is kept."""
    try:
        known = token.read()
    except TokenError as error:
        return f"closed, {error}"
    if sys.stdout.isatty():
        return f"any user name, password {known}"
    return f"any user name, and the password that is in {token.path or environment_name('status_token')}"


@cli.command()
@options("articles", "database", "public_url", "log_format")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write every document as a file.")
@click.option("--with-articles", is_flag=True, help="With --out: the articles' own pages too.")
@click.option("--dry-run", is_flag=True, help="Publish nothing; say what would be added, changed and removed in each topic.")
def build(out: Path | None, with_articles: bool, dry_run: bool, **given: Any) -> None:
    """Builder once. The exit code is 1 where an article is wrong; all others are published nevertheless."""
    from feedsvc.articles.folder import ArticlesFolder
    from feedsvc.articles.parser_pool import ParserPool
    from feedsvc.articles.parsers import SUFFIXES
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
        for line in _preview(settings, folder):
            click.echo(line)
        return
    store = open_store(settings.database)
    lease = Lease(store)
    if not lease.acquire_patiently():
        raise UsageError("another process builds into this database; stop it first, or name another --database")
    try:
        with ParserPool() as pool:
            builder = Builder(store, folder, pool, settings.base_url, lambda found_files: watched(found_files, "Reading articles"))
            problem = _build_until_still(builder, lease, Journal(store))
    finally:
        lease.release()
    status = read_status(store, datetime.now(UTC))
    click.echo(f"{counts(status)} published")
    if out:
        count = export(_documents(store, settings.base_url, with_articles), out)
        click.echo(f"{count} documents written to {out}")
    if problem or status.quarantine:
        sys.exit(1)


def _preview(settings: Settings, folder: ArticlesFolder) -> Iterator[str]:
    from feedsvc.articles.parser_pool import ParserPool
    from feedsvc.builder.build import Builder
    from feedsvc.storage.store import Store

    with ParserPool() as pool, TemporaryDirectory() as nowhere:
        try:
            store = Store(settings.database, create=False)
        except NothingPublished:
            store = Store(f"sqlite:///{nowhere}/feedsvc.db")
        changes = Builder(store, folder, pool, settings.base_url).preview(datetime.now(UTC))
        store.close()
    if not changes:
        yield "nothing would change"
    for slug, some in changes.items():
        numbers = [sum(change.kind == kind for change in some) for kind in "+~-"]
        yield "{}: {} added, {} changed, {} removed".format(slug, *numbers)
        yield from (f"  {change.kind} {change.title} ({change.path})" for change in some)


def _build_until_still(builder: Builder, lease: Lease, journal: Journal) -> str | None:
    """One build, and more while files are being written, for a few seconds at most; what a person should know."""
    from feedsvc.builder.schedule import LOOK_AGAIN

    end = time.monotonic() + SETTLE_SECONDS
    hints: set[str] | None = None
    while True:
        now, started = datetime.now(UTC), time.monotonic()
        build = builder.run(now, holder=lease.holder, fence=lease.fence, hints=hints)
        journal.note(now, "feedsvc build", time.monotonic() - started, build)
        hints = build.moving
        if build.left:
            end = time.monotonic() + SETTLE_SECONDS
        elif not build.moving:
            return build.problem
        elif time.monotonic() > end:
            return f"{min(build.moving)} is still being written"
        else:
            time.sleep(LOOK_AGAIN)


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
    made = {at.archive_path(slug, *file.rsplit(".", 1)) for slug, file in filed}
    for path in store.paths():
        if not path.startswith(below) and path not in made and (document := store.document(path)):
            yield document
    if with_articles:
        pages = ArticlePages(published)
        slugs = sorted(record.slug for record in store.records() if record.live(datetime.now(UTC)))
        for slug in watched(slugs, "Making article pages"):
            page, _ = pages.find(slug)
            if page:
                yield page


@cli.command()
@options("articles", "public_url")
@click.option("--profile", "partners", type=click.Choice(PARTNERS), multiple=True, help="What this partner refuses; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a program.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...], partners: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Read articles, publish nothing, and say what is wrong with them, and what aggregators may refuse."""
    from feedsvc.builder.check import check as check_articles

    settings = Settings(**given)
    named = tuple(dict.fromkeys(partners))
    faults = check_articles(
        settings.articles, paths, settings.base_url, datetime.now(UTC), named, lambda files: watched(files, "Reading articles")
    )
    if as_json:
        click.echo(_json(faults))
    else:
        for fault in faults:
            click.echo(str(fault))
    if any(not fault.warning for fault in faults):
        sys.exit(1)


@cli.command("import")
@options("articles")
@click.option("--topic", metavar="T", help="A topic for every article, and the folder they are put into.")
@click.option("--date", metavar="D", help="The date of what has none of its own.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(files: tuple[Path, ...], topic: str | None, date: str | None, **given: Any) -> None:
    """Turn portal pages and RSS, Atom or JSON feeds into articles, and print the path of each.

    An article that is there already is left alone. The exit code is 1 where a file or an entry of a feed is wrong; all others
    are imported nevertheless.
    """
    from feedsvc.importing import detect
    from feedsvc.importing.filing import Filing

    settings = Settings(**given)
    filing = Filing(settings.articles, lambda found_files: watched(found_files, "Reading articles"))
    wishes = detect.wishes(topic, date, filing.site)
    wrong = False
    for file in files:
        faults = _imported(file, filing, wishes)
        for fault in faults:
            click.echo(str(fault), err=True)
        wrong = wrong or any(not fault.warning for fault in faults)
    if wrong:
        sys.exit(1)


def _imported(file: Path, filing: Filing, wishes: Wishes) -> list[Fault]:
    """Files what a file holds, and says where; what is wrong with it."""
    from feedsvc.importing.detect import MAX_FEED_BYTES, read_import

    name = str(file)
    try:
        with file.open("rb") as source:
            batch = read_import(name, source.read(MAX_FEED_BYTES + 1), filing.site, wishes)
    except OSError as error:
        return [Fault(name, 0, f"can't be read: {error.strerror or error}")]
    except ArticleError as error:
        return list(error.faults)
    faults = list(batch.faults)
    for place, article in batch.articles:
        try:
            filed = filing.add(article)
        except ArticleError as error:
            faults += (Fault(name, 0, f"{place}{fault.reason}") for fault in error.faults)
            continue
        path = f"{filing.folder}/{filed.path}"
        click.echo(path if filed.new else f"{name}: {place}is there already: {path}", err=not filed.new)
    return faults


@cli.command()
@options("database")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a program.")
def status(as_json: bool, **given: Any) -> None:
    """Say what is published, what is in quarantine, and who builds."""
    from feedsvc.processes.pidfile import PidFile
    from feedsvc.status.collect import read_status
    from feedsvc.status.report import report
    from feedsvc.storage.store import Store

    settings = Settings(**given)
    running = PidFile(settings.folder).find()
    known = read_status(Store(settings.database, create=False), datetime.now(UTC), running.notices if running else None)
    if as_json:
        click.echo(_json(known))
        return
    for line in report(known):
        click.echo(line)


@cli.command("accept-removals")
@options("database")
def accept_removals(**given: Any) -> None:
    """Confirm that articles which are gone from the folder are meant to be gone."""
    from feedsvc.storage.store import Store

    store = Store(Settings(**given).database, create=False)
    if not store.fact("brake"):
        click.echo("nothing waits to be confirmed")
        return
    store.set_fact("removals", "accepted")
    click.echo("confirmed: the next scan removes them")


def app_from_environment() -> Flask:
    """The app for any WSGI server, with a builder thread that builds in whichever process wins the lease.

    Ends the process with one clear line and exit code 2 where it can't be set up.
    """
    from feedsvc.articles.folder import ArticlesFolder
    from feedsvc.articles.parsers import SUFFIXES
    from feedsvc.builder.process import BuilderProcess
    from feedsvc.status.token import StatusToken
    from feedsvc.storage.recovery import open_store
    from feedsvc.web.app import create_app

    def build_for_ever() -> None:
        threading.Thread(target=BuilderProcess(settings).run, name="build", daemon=True).start()

    try:
        context = serve.make_context("feedsvc", [])
        settings = Settings(**context.params, **_secrets(context))
        set_up_logging(settings.log_format)
        ArticlesFolder(settings.articles, SUFFIXES).check()
        store = open_store(settings.database)
        app = create_app(settings, store, also=build_for_ever)
        with suppress(TokenError):  # of which whoever asks for the status is told
            StatusToken(settings).read()
    except (FeedsvcError, click.ClickException) as error:
        click.echo(f"feedsvc: {_sentence(error)}", err=True)
        sys.exit(2)
    return app


def _json(known: object) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(known)).decode()


def _sentence(error: Exception) -> str:
    return " ".join((error.format_message() if isinstance(error, click.ClickException) else str(error)).split())


def main() -> None:
    """Runs the command that was typed."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except (FeedsvcError, click.ClickException) as error:
        click.echo(f"feedsvc: {_sentence(error)}", err=True)
        sys.exit(2)
    except click.Abort:
        sys.exit(130)


if __name__ == "__main__":
    main()
