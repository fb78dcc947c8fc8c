"""`feedsvc check`: reads articles as a build would, publishes nothing, and tells what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from posixpath import splitext

from feedsvc.articles import parsers
from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.local_files import settle
from feedsvc.articles.look import FoundFile, Look, Progress
from feedsvc.articles.own_pictures import with_pictures
from feedsvc.articles.parser_pool import ParsedArticle, ParserPool
from feedsvc.articles.passed_over import hidden, no_article, of_ending
from feedsvc.articles.pictures import HEAD_BYTES, MAX_SOURCE_BYTES, measured, too_large
from feedsvc.articles.recording_files import imagined_copy, with_recordings
from feedsvc.articles.site_toml import read_site
from feedsvc.builder.advice import advise, lacks, nearly_the_same, refused
from feedsvc.builder.author_names import unknown_authors
from feedsvc.builder.check_result import CheckResult
from feedsvc.builder.file_names import finder
from feedsvc.builder.identity import THERE_FIRST
from feedsvc.builder.topic_names import USUAL, name_warnings, without_topic
from feedsvc.builder.translation_names import about_translation
from feedsvc.errors import ArticleError, Fault, SiteError
from feedsvc.formats.partners import PROFILES
from feedsvc.kinds import Kind
from feedsvc.model.article import MAX_BYTES, Article, Image
from feedsvc.model.ledger import dates_ahead
from feedsvc.model.picture import Seen
from feedsvc.model.site import SITE_FILE, Site
from feedsvc.model.slugs import slugify
from feedsvc.model.translations import is_written
from feedsvc.model.urls import Urls


def check(
    root: Path,
    paths: Sequence[Path],
    public_url: str,
    now: datetime,
    partners: Sequence[str] = (),
    progress: Progress = lambda found_files: found_files,
) -> CheckResult:
    """Reads the articles folder, or some files and folders of it; all paths in the result begin with the folder's.

    What one of the `partners` would refuse is a fault; where none is named, it is a warning for those that `site.toml` names.
    Raises `UsageError` where the folder is missing, or a path is not in it.
    """
    folder = ArticlesFolder(root, parsers.SUFFIXES)
    folder.check()
    inside = [folder.inside(path) for path in paths]
    inside = [] if "." in inside else inside
    result = CheckResult()
    site, faults = _site(folder)
    if not inside or SITE_FILE in inside:
        result.faults += faults
    look = folder.look([path for path in inside if path != SITE_FILE] if inside else None)
    result.faults += look.faults
    if inside:
        result.faults += look.passed_over.faults()
    unanswered = list(_unanswered(inside, look, folder))
    result.faults += unanswered
    conflicts = sum(fault.kind == Kind.CONFLICT_COPY for fault in look.faults)
    result.passed_over = look.passed_over.files + conflicts + len(unanswered)
    result.files = len(look.found_files) + len({fault.path for fault in look.faults if not fault.warning}) + result.passed_over
    _Articles(folder, site, now, partners, result).check(look, public_url, progress)
    faulty = {fault.path for fault in result.faults}
    result.fine = [f"{root}/{path}" for path in dict.fromkeys(inside) if path not in faulty and folder.find(path)]
    result.faults = [replace(fault, path=f"{root}/{fault.path}") for fault in sorted(result.faults)]
    return result


class _Articles:
    """Checks articles one by one, and what they have in common."""

    def __init__(self, folder: ArticlesFolder, site: Site, now: datetime, partners: Sequence[str], result: CheckResult) -> None:
        self.folder = folder
        self.site = site
        self.addresses = Urls("", site)
        self._seen = partial(_seen, folder)
        self.now = now
        self.asked = [PROFILES[partner] for partner in partners]
        self.partners = [PROFILES[partner] for partner in site.partners]
        self.result = result
        self.named = finder(lambda: (one.path for one in folder.look().found_files))
        self.slugs: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        self.words: dict[tuple[str, str], str] = {}
        self.titled: list[tuple[str, str]] = []
        self.read: list[tuple[str, Article]] = []

    def check(self, look: Look, public_url: str, progress: Progress) -> None:
        """Reads all articles that a look has found."""
        faults = self.result.faults
        found_files = progress(sorted(look.found_files, key=lambda one: one.path))
        with ParserPool() as pool:
            for path, outcome in pool.read_all(_files(self.folder, found_files, faults), Urls(public_url, self.site)):
                if isinstance(outcome, ArticleError):
                    faults += outcome.faults
                else:
                    self.result.articles += 1
                    self.result.synonyms[outcome.dialect].update(outcome.synonyms)
                    faults += self.about(outcome, path)
        faults += nearly_the_same(self.titled)
        faults += self._about_site()
        if look.scope is None:
            faults += unknown_authors(self.site, {self.site.key_of_author(name) for _, one in self.read for name in one.authors})
        counted = Counter(slugify(name) for _, article in self.read for name in article.topics)
        names = {slugify(name): name for _, article in self.read for name in article.topics}
        usual = {slug: names[slug] for slug, count in counted.items() if count >= USUAL}
        languages = {key: one.language or self.site.language for _, one in self.read for key in (one.id, one.slug) if key}
        translating = Counter(one.translation_of for _, one in self.read)
        for path, article in self.read:
            if (key := article.translation_of) and is_written(key) and look.scope is None:
                language, shared = article.language or self.site.language, translating[key] > 1
                faults += about_translation(path, key, language, languages.get(key), shared)
            faults += name_warnings(article, path, self.site, usual)
            faults += dates_ahead(article, path, self.now)

    def _about_site(self) -> list[Fault]:
        if self.asked:
            return [Fault(SITE_FILE, 0, reason) for reason in lacks(self.site, self.asked)]
        return [Fault.warn(Kind.PARTNER, SITE_FILE, 0, reason) for reason in lacks(self.site, self.partners)]

    def about(self, parsed: ParsedArticle, path: str) -> Iterator[Fault]:
        """What is said of one article."""
        yield from parsed.warnings
        pictured = with_pictures(parsed.article, path, self._seen, "")
        article = pictured.article
        yield from pictured.warnings
        yield from with_recordings(article, parsed.links, path, self.folder, self.addresses, imagined_copy).warnings
        yield from settle(article, parsed.links, path, self.folder, lambda _: "", self.named, self._seen, "").warnings
        yield from without_topic(article, path, self.site)
        self.read.append((path, replace(article, body="")))
        original = path if article.id else self.words.setdefault((parsed.words, article.slug), path)
        if original != path:
            yield Fault(path, 0, f"is a copy of {original}{THERE_FIRST}; delete one of them, or give it another slug")
            return
        yield from _about_name("slug", article.slug, path, self.slugs)
        yield from _about_name("id", article.id, path, self.ids)
        if article.draft or article.retracted:
            return
        if self.asked:
            yield from refused(article, path, self.asked, self.now)
        else:
            yield from advise(article, path, self.partners, self.now)
        self.titled.append((path, article.title))


def _seen(folder: ArticlesFolder, file: str) -> Seen:
    """What a picture's file says of itself: whether it is whole, only the build finds out, which makes it anew."""
    found = folder.find_named(file)
    if found is None:
        return Seen("", reason="does not exist")
    if found.size > MAX_SOURCE_BYTES:
        return Seen(found.mark, reason=f"is larger than {MAX_SOURCE_BYTES:,} bytes; save it smaller")
    image = measured(Image(src="", file=file), folder.head(found.path, HEAD_BYTES), found.size)
    reason = "is of no kind that can be shown" if image is None else too_large(image.width or 0, image.height or 0)
    return Seen(found.mark, as_before=None if reason else image, reason=reason or "")


def _unanswered(paths: Sequence[str], look: Look, folder: ArticlesFolder) -> Iterator[Fault]:
    """Why files that are named are no articles: whoever names one gets an answer."""
    answered = {SITE_FILE, *(one.path for one in look.found_files), *(fault.path for fault in look.faults)}
    for path in dict.fromkeys(paths):
        if path not in answered and folder.find(path):
            if reason := no_article(path) or hidden(path):
                yield Fault.warn(Kind.PASSED_OVER, path, 0, reason)
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
        reason = f'its {kind} "{name}" is that of {taken[name]}{THERE_FIRST}'
        if kind == "id":
            yield Fault(path, 0, f"{reason}; give it another, or delete one of them")
        else:
            yield Fault.warn(Kind.SAME_SLUG, path, 0, f"{reason}; it gets its date or a number at the end")
