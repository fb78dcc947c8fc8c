"""`Filing`: puts imported articles into the articles folder, none twice, and overwrites nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from feedsvc.articles import parsers
from feedsvc.articles.folder import HELD_OPEN_NS, ArticlesFolder
from feedsvc.articles.look import FoundFile, Progress
from feedsvc.articles.parser_pool import File, ParserPool
from feedsvc.articles.site_file import site_in
from feedsvc.errors import ArticleError, UsageError
from feedsvc.importing.detect import Batch, ImportOptions
from feedsvc.importing.import_parser import IMPORTERS, ImportParser
from feedsvc.importing.markdown_writer import local
from feedsvc.model.article import MAX_BYTES, Article
from feedsvc.model.record import words_of
from feedsvc.model.slugs import MAX_SLUG_BYTES, slug_from_file, slugify
from feedsvc.model.urls import Urls

_ROOM = 12  # bytes for a number at the end of a slug


@dataclass(frozen=True, slots=True)
class Filed:
    """Where an article is in the articles folder; `new` is false if it was there before."""

    path: str
    new: bool


class Filing:
    """The articles folder and what is known of it while articles are added; use it as a context manager."""

    def __init__(self, folder: Path, progress: Progress = lambda found_files: found_files) -> None:
        """Reads the folder; raises `UsageError` if it or `site.toml` can't be read."""
        self.folder = folder
        self._articles_folder = ArticlesFolder(folder, parsers.SUFFIXES)
        self._articles_folder.check()
        self.site = site_in(self._articles_folder)
        self._ids: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._slugs: set[str] = set()
        self._numbers: dict[str, int] = {}
        self._parser = ImportParser(self.site)
        with ParserPool(source=IMPORTERS) as pool:
            for path, outcome in pool.read_all(self._files(progress), Urls("", self.site)):
                if isinstance(outcome, ArticleError):
                    self._slugs.add(slug_from_file(os.path.basename(path)))  # its slug once it is fixed
                else:
                    self._know(path, outcome.article)

    def __enter__(self) -> Filing:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._parser.close()

    def read(self, name: str, data: bytes, options: ImportOptions) -> Batch:
        """The articles in a file to import; raises `ArticleError` if none can be read."""
        return self._parser.read(name, data, options)

    def add(self, article: Article) -> Filed:
        """Adds an article, unless one with its id is there, or, if it has no id, one with the same words.

        Raises `ArticleError` if its file could not be parsed again, and `UsageError` if the folder can't be written.
        """
        known = self._ids.get(article.id) if article.id else self._words.get(words_of(article))
        if known:
            return Filed(known, new=False)
        slug, path = self._free(article)
        article = replace(article, slug=slug)
        data, parsed = self._parser.write(path, article)
        self._write(path, data)
        self._know(path, parsed)
        return Filed(path, new=True)

    def _files(self, progress: Progress) -> Iterator[File]:
        for found_file in progress(self._articles_folder.look().found_files):
            try:
                yield found_file.path, self._bytes(found_file)
            except ArticleError:
                yield found_file.path, b""  # no article either

    def _know(self, path: str, article: Article) -> None:
        self._slugs.add(article.slug)
        self._words.setdefault(words_of(article), path)
        if article.id:
            self._ids.setdefault(article.id, path)

    def _free(self, article: Article) -> tuple[str, str]:
        """A slug that no article has, and a path at which there is no file."""
        day = f"{local(article.date, self.site.zone):%Y-%m-%d}-" if article.date else ""
        below = f"{slugify(article.folder)}/" if article.folder else ""
        short = article.slug.encode()[: MAX_SLUG_BYTES - _ROOM].decode("utf-8", "ignore").rstrip("-")
        while True:
            number = self._numbers[short] = self._numbers.get(short, 0) + 1
            slug = short if number == 1 else f"{short}-{number}"
            path = f"{below}{day}{slug}.md"
            if slug not in self._slugs and not os.path.lexists(self.folder / path):
                return slug, path

    def _write(self, path: str, data: bytes) -> None:
        file = self.folder / path
        temporary = file.with_name(f".{file.name}.part")
        try:
            if file.parent != self.folder:
                file.parent.mkdir(exist_ok=True)
                if file.parent.is_symlink():
                    raise UsageError(f"{file.parent} is a symbolic link, and articles behind one are not read")
            try:
                temporary.write_bytes(data)
                os.rename(temporary, file)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise UsageError(f"{file} can't be written: {(error.strerror or str(error)).lower()}") from error

    def _bytes(self, found_file: FoundFile) -> bytes:
        # Whoever imports also writes the folder, so there is no need to wait for files that are being written.
        data = self._articles_folder.read(found_file, now_ns=found_file.mtime + HELD_OPEN_NS, monotonic_ns=0, most=MAX_BYTES)
        return data or b""
