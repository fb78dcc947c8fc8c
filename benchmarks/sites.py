"""Makers of the same feeds from the same corpus: feedsvc, Hugo, Eleventy and Pelican, each as fast as its own settings allow.

Hugo and Eleventy read the corpus as it lies there, for their front matter is YAML too; all but feeds is switched off. Pelican gets
a copy with front matter of its own kind, and makes no page either. They write RSS with the 30 newest articles of each topic and of
all, with the text's beginning or the text; feedsvc makes all that it has, packed.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from importlib.metadata import distribution
from pathlib import Path
from xml.etree import ElementTree

from bench import PUBLIC_URL, Usage, build, database, free_port, measured, service, started
from corpus import TOPICS, article_path, content, newest, topics
from saving import save, until_shown

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.parser_pool import ParserPool
from feedsvc.articles.parsers import SUFFIXES
from feedsvc.builder.build import Builder
from feedsvc.errors import StoreError
from feedsvc.storage.lease import Lease
from feedsvc.storage.store import Store

ENTRIES = 30
ELEVENTY = Path(__file__).parent / "eleventy"

# Saves an article of the corpus under a title, and says how many seconds later it is published.
Change = Callable[[int, str], float]
# The ways in which a maker takes in changed articles, each to be begun and ended, by what to call it.
Ways = dict[str, Callable[[], AbstractContextManager[Change]]]

_HUGO = """
baseURL = "https://feeds.example/"
title = "The Benchmark"
contentDir = "{articles}"
ignoreFiles = ['site\\.toml$']
disableKinds = ["taxonomy", "section", "sitemap", "robotstxt", "404"]
[taxonomies]
topic = "topics"
[markup.goldmark.renderer]
unsafe = true
[services.rss]
limit = {entries}
[outputs]
home = ["rss"]
term = ["rss"]
[[cascade]]
[cascade.build]
render = "link"
[cascade.target]
kind = "page"
"""
_PELICAN = """
SITENAME = "The Benchmark"
SITEURL = FEED_DOMAIN = "https://feeds.example"
TIMEZONE, DEFAULT_LANG = "UTC", "en"
PATH, OUTPUT_PATH, CACHE_PATH = {articles!r}, "made", "cache"
STATIC_PATHS = PAGE_PATHS = DIRECT_TEMPLATES = []
FILENAME_METADATA = r"(?P<slug>.*)"
ARTICLE_URL = "articles/{{slug}}"
ARTICLE_SAVE_AS = AUTHOR_SAVE_AS = CATEGORY_SAVE_AS = TAG_SAVE_AS = ""
FEED_ALL_RSS, TAG_FEED_RSS = "all.rss", "{{slug}}.rss"
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = CATEGORY_FEED_RSS = TAG_FEED_ATOM = TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
FEED_MAX_ITEMS = {entries}
"""


class Site:
    """A maker of the feeds of a corpus, and where it works; its feeds are files in `made` there."""

    name: str

    def __init__(self, articles: Path, number: int, work: Path) -> None:
        self.articles = articles
        self.number = number
        self.work = work
        work.mkdir()

    def feed(self, topic: str) -> bytes:
        """A topic's RSS as written."""
        return Path(self.work, "made", f"{topic}.rss").read_bytes()

    def made(self) -> str:
        """What a build makes."""
        return f"{sum(1 for _ in Path(self.work, 'made').rglob('*.rss'))} RSS feeds"

    def ways(self) -> Ways:
        """None, where its own server reads every article again."""
        return {}


class Feedsvc(Site):
    """`feedsvc build` into a database that is not there yet."""

    name = "feedsvc"

    def __init__(self, articles: Path, number: int, work: Path) -> None:
        super().__init__(articles, number, work)
        self._wanted = wanted(number)

    def build(self) -> Usage:
        """A cold build, and when every feed was right."""
        for file in self.work.glob("feedsvc.db*"):
            file.unlink()
        waiting = list(self._wanted)

        def all_right() -> bool:
            while waiting and _titles(self.feed(waiting[-1])) == self._wanted[waiting[-1]]:
                waiting.pop()
            return not waiting

        return build(self.articles, self.work, all_right)

    def feed(self, topic: str) -> bytes:
        """A topic's RSS as published; nothing before it is."""
        try:
            store = Store(database(self.work), create=False)
        except StoreError:
            return b""
        document = store.document(f"/feeds/{topic}.rss")
        store.close()
        return document.encodings["identity"].body if document else b""

    def made(self) -> str:
        """What a build makes."""
        store = Store(database(self.work), create=False)
        count = len(store.paths())
        store.close()
        return f"{count} documents, packed"

    def ways(self) -> Ways:
        """A builder in this process, given the name of the changed file, and a service that finds the change itself."""
        return {"`Builder.run` alone": self._build, "`feedsvc serve`, saved → served": self._serving}

    @contextmanager
    def _build(self) -> Iterator[Change]:
        store = Store(database(self.work), create=False)
        lease = Lease(store)
        lease.acquire(time.monotonic())
        try:
            with ParserPool(processes=1) as pool:
                builder = Builder(store, ArticlesFolder(self.articles, SUFFIXES), pool, PUBLIC_URL)

                def run(*hints: str) -> None:
                    builder.run(datetime.now(UTC), holder=lease.holder, fence=lease.fence, hints=hints or None)

                def change(index: int, title: str) -> float:
                    saved = save(self.articles, index, title)
                    run(str(article_path(Path(), index)))
                    return time.perf_counter() - saved

                run()
                yield change
        finally:
            lease.release()
            store.close()

    @contextmanager
    def _serving(self) -> Iterator[Change]:
        with service(self.articles, self.work) as running:
            yield _shown(self.articles, running.port, lambda topic: f"/feeds/{topic}.rss")


class Hugo(Site):
    """`hugo`, with its own RSS template, and `hugo server` in memory; its fast rendering leaves feeds as they were."""

    name = "Hugo"

    def __init__(self, articles: Path, number: int, work: Path) -> None:
        super().__init__(articles, number, work)
        self._program = str(distribution("hugo").locate_file("hugo/binaries/hugo"))
        Path(work, "hugo.toml").write_text(_HUGO.format(articles=articles, entries=ENTRIES), "utf-8")

    def build(self) -> Usage:
        """A cold build."""
        for folder in ("made", "resources", "cache"):
            shutil.rmtree(self.work / folder, ignore_errors=True)
        return measured([self._program, "--destination", "made", "--cacheDir", str(self.work / "cache")], self.work)

    def feed(self, topic: str) -> bytes:
        """A topic's RSS as written."""
        return Path(self.work, "made", "" if topic == "all" else f"topics/{topic}", "index.xml").read_bytes()

    def made(self) -> str:
        """What a build makes."""
        return f"{sum(1 for _ in Path(self.work, 'made').rglob('*.xml'))} RSS feeds"

    def ways(self) -> Ways:
        """Its own server, which watches."""
        return {"`hugo server`, saved → served": self._serving}

    @contextmanager
    def _serving(self) -> Iterator[Change]:
        port = free_port()
        flags = ["--port", str(port), "--disableLiveReload", "--disableFastRender", "--renderToMemory"]
        with started([self._program, "server", *flags], self.work):
            until_shown(port, "/index.xml", "</rss>")
            yield _shown(self.articles, port, lambda topic: f"/topics/{topic}/index.xml")


class Eleventy(Site):
    """`eleventy`, with its own kind of template for RSS."""

    name = "Eleventy"

    def __init__(self, articles: Path, number: int, work: Path) -> None:
        super().__init__(articles, number, work)
        for file in (ELEVENTY / "package.json", ELEVENTY / "eleventy.config.mjs"):
            shutil.copy(file, work)
        (work / "node_modules").symlink_to(ELEVENTY / "node_modules")

    def build(self) -> Usage:
        """A cold build."""
        shutil.rmtree(self.work / "made", ignore_errors=True)
        variables = f"TOPICS={' '.join(_topics())}", f"ENTRIES={ENTRIES}"
        program = self.work / "node_modules/@11ty/eleventy/cmd.cjs"
        return measured(["env", *variables, "node", str(program), f"--input={self.articles}", "--output=made"], self.work)


class Pelican(Site):
    """`pelican`: cold without its cache, after a change with it."""

    name = "Pelican"

    def __init__(self, articles: Path, number: int, work: Path) -> None:
        super().__init__(articles, number, work)
        for topic in range(TOPICS):
            Path(work, "articles", f"topic-{topic:02}").mkdir(parents=True)
        for index in range(number):
            self._save(index)
        settings = _PELICAN.format(articles=str(work / "articles"), entries=ENTRIES)
        Path(work, "cold.py").write_text(settings, "utf-8")
        Path(work, "warm.py").write_text(f"{settings}CACHE_CONTENT = LOAD_CONTENT_CACHE = True\n", "utf-8")

    def build(self) -> Usage:
        """A cold build."""
        shutil.rmtree(self.work / "made", ignore_errors=True)
        return self._run("cold.py")

    def ways(self) -> Ways:
        """A build that reads only what has changed since the last one of this kind."""
        return {"`pelican` with its cache": self._rebuilding}

    @contextmanager
    def _rebuilding(self) -> Iterator[Change]:
        def change(index: int, title: str) -> float:
            self._save(index, title)
            return self._run("warm.py").wall

        self._run("warm.py")
        yield change

    def _save(self, index: int, title: str | None = None) -> None:
        made = content(index)
        keys = {
            "Title": title or made.title,
            "Date": made.date,
            "Author": made.author,
            "Tags": ", ".join(topics(index)),
            "Summary": made.standfirst,
            "Key_points": "\n    ".join(made.key_points),
            "Why_it_matters": made.why_it_matters,
            "What_it_means": made.what_it_means,
        }
        front = "".join(f"{key}: {value}\n" for key, value in keys.items())
        Path(self.work, article_path(Path("articles"), index)).write_text(f"{front}\n{made.body}\n", "utf-8")

    def _run(self, settings: str) -> Usage:
        return measured([sys.executable, "-m", "pelican", "--quiet", "--settings", settings], self.work)


def _shown(articles: Path, port: int, feed: Callable[[str], str]) -> Change:
    def change(index: int, title: str) -> float:
        saved = save(articles, index, title)
        return until_shown(port, feed(article_path(Path(), index).parent.name), title) - saved

    return change


Maker = Feedsvc | Hugo | Eleventy | Pelican


def wanted(number: int) -> dict[str, list[str]]:
    """The titles in the feeds of all and of each topic, of so many articles, newest first."""
    slugs = ("all", *_topics())
    return {slug: [content(index).title for index in newest(slug, number, ENTRIES)] for slug in slugs}


def _topics() -> list[str]:
    return [f"topic-{topic:02}" for topic in range(TOPICS)]


def check(maker: Maker) -> None:
    """Exits unless the newest articles, and they alone, are in a maker's feed of each topic and of all, newest first."""
    for topic, titles in wanted(maker.number).items():
        if (found := _titles(maker.feed(topic))) != titles:
            raise SystemExit(f"{maker.name}: the feed of {topic} has {len(found)} entries that are not the {len(titles)} newest")


def _titles(feed: bytes) -> list[str | None]:
    return [title.text for title in ElementTree.fromstring(feed).iterfind("channel/item/title")] if feed else []  # noqa: S314
