"""What a reader's browser loads of pages with pictures, and what it would load if they showed the files in the folder.

    python benchmarks/page_weight.py --write

Articles have pictures as a telephone makes them. Chromium opens each page and scrolls to its end; what it asks for is answered by a
service as it is sent to readers, with br.
"""

from __future__ import annotations

import http.client
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import brotli
from bench import PUBLIC_URL, database, machine, parser, report, service, table, workshop
from pictures import TELEPHONE, built, encoded, photograph
from playwright.sync_api import Browser, Route, sync_playwright

ARTICLES, IN_TEXT = 20, 4
READERS = {
    "a telephone": {"viewport": {"width": 360, "height": 780}, "device_scale_factor": 2, "is_mobile": True},
    "a screen": {"viewport": {"width": 1_280, "height": 800}},
}
PAGES = {"the front page": "/", "a topic": "/topics/harbour", "an article with five pictures": "/articles/article-19"}
HEAD = ("page and reader", "pictures", "all else", "their files", "as published", "page before", "page now", "times less")
_MADE = re.compile(r"/media/(?P<name>.+)-[0-9a-f]{12}(?:-[0-9]+)?\.[a-z]+")
# To the end in steps, as a person does, so that pictures that wait to be seen are.
_SCROLL = """async () => {
  for (let at = 0; at < document.documentElement.scrollHeight; at += 300) {
    scrollTo(0, at);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30)));
  }
}"""


@dataclass(slots=True)
class Loaded:
    """What was sent for a page: bytes of pictures and of all else, and the names of the pictures."""

    pictures: int = 0
    other: int = 0
    names: set[str] = field(default_factory=set)


def write_newsroom(articles: Path) -> None:
    """Articles with a picture each; the newest has more in its text."""
    folder = articles / "harbour"
    folder.mkdir(parents=True)
    bases = [encoded(photograph(TELEPHONE, seed), "JPEG", quality=85) for seed in range(4)]

    def put(name: str, number: int) -> None:
        data = bases[number % len(bases)]
        (folder / name).write_bytes(data[:2] + b"\xff\xfe\x00\x0a" + f"{number:08}".encode() + data[2:])

    for number in range(ARTICLES):
        put(f"{number}.jpg", number)
        body = "The last boat will leave at eleven.\n"
        if number == ARTICLES - 1:
            for within in range(IN_TEXT):
                put(f"text-{within}.jpg", 100 + within)
                body += f"\n![A boat](text-{within}.jpg)\n\nIt rained.\n"
        front = f"title: Number {number}\ndate: 2026-05-{number + 1:02}T09:00:00Z\nimage: {number}.jpg"
        (folder / f"article-{number}.md").write_text(f"---\n{front}\n---\n{body}", "utf-8")


def load(browser: Browser, port: int, path: str, reader: str) -> Loaded:
    """What a reader's browser loads of a page to its end."""
    loaded = Loaded()

    def answer(route: Route) -> None:
        asked = urlsplit(route.request.url)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        where = f"{asked.path}?{asked.query}" if asked.query else asked.path
        headers = {"Host": urlsplit(PUBLIC_URL).netloc, "Accept-Encoding": "br"}
        connection.request("GET", where, headers={**headers, "Accept": route.request.headers.get("accept", "*/*")})
        got = connection.getresponse()
        body = got.read()
        connection.close()
        if made := _MADE.fullmatch(asked.path):
            loaded.pictures += len(body)
            loaded.names.add(made["name"])
        else:
            loaded.other += len(body)
        headers = {name.lower(): value for name, value in got.getheaders()}
        if headers.pop("content-encoding", "") == "br":
            body = brotli.decompress(body)
        headers.pop("content-length", None)
        route.fulfill(status=got.status, headers=headers, body=body)

    context = browser.new_context(**READERS[reader])
    context.route("**/*", answer)
    page = context.new_page()
    page.goto(PUBLIC_URL + path, wait_until="networkidle")
    page.evaluate(_SCROLL)
    page.wait_for_load_state("networkidle")
    if not page.evaluate("[...document.images].every((one) => one.complete && one.naturalWidth)"):
        raise SystemExit(f"{path}: not all pictures have come")
    context.close()
    return loaded


def rows(browser: Browser, port: int, articles: Path) -> Iterator[list[str]]:
    """A row of the table for each page and reader."""
    for name, path in PAGES.items():
        for reader in READERS:
            loaded = load(browser, port, path, reader)
            before = sum((articles / f"{one}.jpg").stat().st_size for one in loaded.names)
            whole = [loaded.other + before, loaded.other + loaded.pictures]
            shown = [f"{number / 1000:,.0f}" for number in (loaded.other, before, loaded.pictures, *whole)]
            yield [f"{name}, {reader}", str(len(loaded.names)), *shown, f"{whole[0] / whole[1]:.0f}"]


def main() -> None:
    """Measures all pages."""
    options = parser(__doc__)
    options.add_argument("--browser", default=shutil.which("chromium"), help="where Chromium is")
    given = options.parse_args()
    with workshop(given.folder) as (_, folder), sync_playwright() as playwright:
        articles = folder / "articles"
        write_newsroom(articles)
        built("", articles, database(folder))
        browser = playwright.chromium.launch(executable_path=given.browser, args=["--no-sandbox"])
        with service(articles, folder) as running:
            found = table(HEAD, list(rows(browser, running.port, articles)))
        version = browser.version
        browser.close()
    about = f"Kilobytes of a page of {ARTICLES} articles, each with a telephone's picture, read to its end:"
    report("page-weight", {about: found}, machine("Pillow", Chromium=version), write=given.write)


if __name__ == "__main__":
    main()
