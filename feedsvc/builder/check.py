"""`feedsvc check`: reads articles as a build would, publishes nothing, and tells what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from posixpath import splitext

from feedsvc.articles import parsers
from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.lead_picture import with_picture
from feedsvc.articles.local_files import settle
from feedsvc.articles.look import FoundFile, Look, Progress
from feedsvc.articles.parser_pool import ParserPool
from feedsvc.articles.passed_over import no_article, of_ending
from feedsvc.articles.site_toml import read_site
from feedsvc.builder.advice import advise, nearly_the_same, refused
from feedsvc.builder.topic_names import USUAL, topic_warnings
from feedsvc.errors import ArticleError, Fault, SiteError, UsageError
from feedsvc.formats.partners import PROFILES
from feedsvc.model.article import MAX_BYTES, Article
from feedsvc.model.ledger import dates_ahead
from feedsvc.model.site import SITE_FILE, Site
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import Urls


def check(
    root: Path,
    paths: Sequence[Path],
    public_url: str,
    now: datetime,
    partners: Sequence[str] = (),
    progress: Progress = lambda found_files: found_files,
) -> list[Fault]:
    """Every fault and warning in the articles folder, or in some files and folders of it; their paths begin with the folder's.

    What one of the `partners` would refuse is a fault; where none is named, there is advice for all of them instead.
    Raises `UsageError` where the folder is missing, or a path is not in it.
    """
    folder = ArticlesFolder(root, parsers.SUFFIXES)
    folder.check()
    site, faults = _site(folder)
    if not paths:
        look = folder.look()
    else:
        faults = [fault for fault in faults if any(path.name == SITE_FILE for path in paths)]
        inside = [_inside(path, root) for path in paths if path.name != SITE_FILE]
        look = folder.look(inside)
        faults += _unanswered(inside, look, folder)
    faults += look.faults
    slugs: dict[str, str] = {}
    ids: dict[str, str] = {}
    titled: list[tuple[str, str]] = []
    read: list[tuple[str, Article]] = []
    profiles = [PROFILES[partner] for partner in partners]
    found_files = progress(sorted(look.found_files, key=lambda one: one.path))
    with ParserPool() as pool:
        for path, outcome in pool.read_all(_files(folder, found_files, faults), Urls(public_url, site)):
            if isinstance(outcome, ArticleError):
                faults += outcome.faults
                continue
            faults += outcome.warnings
            pictured = with_picture(outcome.article, path, folder, lambda found, most: _bytes(folder, found, most))
            article = pictured.article
            if pictured.warning:
                faults.append(pictured.warning)
            faults += settle(article, outcome.links, path, folder, lambda _: "").warnings
            read.append((path, replace(article, body="")))
            faults += _about_name("slug", article.slug, path, slugs)
            faults += _about_name("id", article.id, path, ids)
            if not article.draft and not article.retracted:
                faults += refused(article, path, profiles, now) if profiles else advise(outcome.article, path)
                titled.append((path, article.title))
    faults += nearly_the_same(titled)
    counted = Counter(slugify(name) for _, article in read for name in article.topics)
    names = {slugify(name): name for _, article in read for name in article.topics}
    usual = {slug: names[slug] for slug, count in counted.items() if count >= USUAL}
    for path, article in read:
        faults += topic_warnings(article, path, site, usual)
        faults += dates_ahead(article, path, now)
    return [Fault(f"{root}/{fault.path}", fault.line, fault.reason, fault.warning) for fault in sorted(faults)]


def _inside(path: Path, folder: Path) -> str:
    """A path as the articles folder knows it; it may be given from here or from there."""
    for candidate in (path.absolute(), folder.absolute() / path):
        if candidate.is_relative_to(folder.absolute()) and (candidate.exists() or candidate.is_symlink()):
            inside = candidate.relative_to(folder.absolute()).as_posix()
            if inside != ".":
                return inside
    raise UsageError(f"{path}: there is no such file in the articles folder {folder}")


def _unanswered(paths: Sequence[str], look: Look, folder: ArticlesFolder) -> Iterator[Fault]:
    """Why files that are named are no articles: whoever names one gets an answer."""
    answered = {one.path for one in look.found_files} | {fault.path for fault in look.faults}
    for path in paths:
        if path not in answered and folder.find(path):
            if reason := no_article(path):
                yield Fault(path, 0, reason, warning=True)
            else:
                yield Fault(path, 0, of_ending(splitext(path)[1].lower()))


def _site(folder: ArticlesFolder) -> tuple[Site, list[Fault]]:
    found_file = folder.find(SITE_FILE)
    if found_file is None:
        return Site(), []
    try:
        site, warnings = read_site(_bytes(folder, found_file))
    except (ArticleError, SiteError) as error:
        return Site(), list(error.faults)
    return site, list(warnings)


def _files(folder: ArticlesFolder, found_files: Iterable[FoundFile], faults: list[Fault]) -> Iterator[tuple[str, bytes]]:
    for found_file in found_files:
        try:
            yield found_file.path, _bytes(folder, found_file)
        except ArticleError as error:
            faults += error.faults


def _bytes(folder: ArticlesFolder, found_file: FoundFile, most: int = MAX_BYTES) -> bytes:
    """A file as it is now: whoever checks it has just written it, so there is no need to wait."""
    data = folder.read_as_known(found_file, most)
    if data is None:
        raise ArticleError(Fault(found_file.path, 0, "changed while it was read"))
    return data


def _about_name(kind: str, name: str | None, path: str, taken: dict[str, str]) -> Iterator[Fault]:
    if name is not None and taken.setdefault(name, path) != path:
        reason = f'its {kind} "{name}" is that of {taken[name]}, which was there first'
        yield Fault(path, 0, reason) if kind == "id" else Fault(path, 0, f"{reason}; it gets its date or a number behind", True)
