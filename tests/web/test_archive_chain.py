"""A reader that follows a topic's feed back through its archives (RFC 5005, 4; JSON Feed's next_url) meets every article once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

import feedparser
import msgspec
import pytest

from support.gazette import NOW, Written, found
from support.live import FEEDSVC, Service, free_port, until

SUFFIXES = ("rss", "atom", "json")
FEW = 5
LONG = "".join(f"Paragraph {number}. {'It goes on and on. ' * 50}\n\n" for number in range(1_000))


def report(number: int, days: int, body: str = "") -> Written:
    """A report of some days ago; each second one belongs to a story."""
    keys = {"story": "Dredging"} if number % 2 else {}
    published = NOW - timedelta(days=days, minutes=number)
    return Written(f"harbour/report-{number:02}.md", f"Report {number}", published, body or f"Words {number}.", "", keys=keys)


# Newest first, over some five months, so that each but the first and last has two or more; then two too long to share a document.
REPORTS = [report(number, 1 + 11 * number) for number in range(14)]
LONG_REPORTS = [report(number, 170, LONG) for number in (14, 15)]
EVERYTHING = [*REPORTS, *LONG_REPORTS]
TOPICS = {"all": EVERYTHING, "harbour": EVERYTHING, "story/dredging": [one for one in EVERYTHING if one.keys]}


@dataclass(frozen=True)
class Page:
    """A feed or archive as a reader takes it: the titles in it, what it says of itself, and its bytes and validator."""

    path: str
    titles: list[str]
    before: str | None
    current: str | None
    itself: str | None
    body: bytes
    etag: str


def page(service: Service, path: str) -> Page:
    answer = service.get(path)
    assert answer.status == 200, path
    if path.endswith(".json"):
        feed = msgspec.json.decode(answer.body)
        titles = [entry["title"] for entry in feed["items"]]
        links = {"self": feed["feed_url"], "prev-archive": feed.get("next_url")}
    else:
        parsed = feedparser.parse(answer.body, sanitize_html=False, resolve_relative_uris=False)
        assert not parsed.bozo
        titles = [entry.title for entry in parsed.entries]
        links = {link.rel: link.href for link in parsed.feed.links}
    itself, before, current = (links.get(rel) for rel in ("self", "prev-archive", "current"))
    return Page(path, titles, before, current, itself, answer.body, answer.headers["etag"])


def followed(service: Service, topic: str, suffix: str) -> list[Page]:
    """The live feed, then its archives from the newest back."""
    pages = [page(service, f"/feeds/{topic}.{suffix}")]
    while url := pages[-1].before:
        assert url.startswith(service.url) and len(pages) < 30
        pages.append(page(service, url.removeprefix(service.url)))
    return pages


def month(article: Written) -> str:
    return article.published.astimezone(ZoneInfo("Europe/London")).strftime("%Y-%m")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A served instance with months of reports, for tests that only read it."""
    folder = tmp_path_factory.mktemp("library")
    found(folder, EVERYTHING, f"entries_per_feed = {FEW}")
    port = free_port()
    service = Service([*FEEDSVC, "serve", "--port", str(port), "--workers", "1", "--interval", "3600"], folder, port)
    yield service.start()
    service.stop()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("topic", TOPICS)
def test_every_article_is_met_exactly_once(library: Service, topic: str, suffix: str) -> None:
    live, *archives = followed(library, topic, suffix)
    titles = [article.title for article in TOPICS[topic]]
    assert live.titles == titles[:FEW]
    assert [title for archive in archives for title in archive.titles] == titles

    months = {article.title: month(article) for article in TOPICS[topic]}
    named = [PurePosixPath(archive.path).stem for archive in archives]
    for archive, name in zip(archives, named, strict=True):
        assert {months[title] for title in archive.titles} == {name[:7]}
    *others, last = dict.fromkeys(months.values())
    assert named == [*others, last] if topic == "story/dredging" else [*others, f"{last}-2", last]

    for seen in (live, *archives):
        assert seen.itself == f"{library.url}{seen.path}"
        assert seen.current == (f"{library.url}{live.path}" if seen is not live and suffix != "json" else None)
        assert len(seen.body) <= 2_000_000
        assert library.get(seen.path, If_None_Match=seen.etag).status == 304


def test_an_archive_stays_as_it_is_while_other_months_change(serve: Callable[..., Service], tmp_path: Path) -> None:
    found(tmp_path, REPORTS, f"entries_per_feed = {FEW}")
    service = serve("--interval", "3600").start()
    lives = {f"/feeds/harbour.{suffix}" for suffix in SUFFIXES}

    def look() -> dict[str, Page]:
        return {one.path: one for suffix in SUFFIXES for one in followed(service, "harbour", suffix)}

    def archived(pages: dict[str, Page], suffix: str) -> list[str]:
        return [title for path, one in pages.items() if path not in lives and path.endswith(suffix) for title in one.titles]

    def changed(before: dict[str, Page], after: dict[str, Page]) -> set[str]:
        """The months whose archives are not the same, to the byte."""
        paths = (before.keys() | after.keys()) - lives
        return {PurePosixPath(path).stem for path in paths if before.get(path) != after.get(path)}

    # None of these belongs to the story, whose articles name each other.
    newest, middle, oldest = REPORTS[0], REPORTS[6], REPORTS[12]
    assert len({month(one) for one in (newest, middle, oldest)}) == 3
    first = look()
    new = Written("harbour/new.md", "A new report", NOW - timedelta(minutes=1), "New words.", "")
    corrected = replace(newest, title="Report 0, corrected")
    new.save(tmp_path)
    corrected.save(tmp_path)
    until(lambda: page(service, "/feeds/harbour.json").titles[:2] == [new.title, corrected.title])
    second = look()
    assert changed(first, second) == {month(new), month(newest)}

    edited = replace(middle, title="Report 6, corrected")
    edited.save(tmp_path)
    replace(oldest, keys={"retracted": "It was wrong."}).save(tmp_path)
    shown = [one.title for one in (new, corrected, *REPORTS[1:6], edited, *REPORTS[7:12], REPORTS[13])]
    until(lambda: [title for one in followed(service, "harbour", "json")[1:] for title in one.titles] == shown)
    third = look()
    assert changed(second, third) == {month(middle), month(oldest)}
    assert archived(third, ".rss") == archived(third, ".atom") == shown

    service.stop()
    service.start()
    assert look() == third
