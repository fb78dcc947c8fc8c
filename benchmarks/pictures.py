"""What pictures cost: each kind when it is made, a first build with many of them, and what a page with one weighs.

    python benchmarks/pictures.py --pictures 1000 --write

Every picture is of the size that a camera's or a telephone's has, and differs from all others.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench import PUBLIC_URL, Figures, machine, parser, report, table, workshop
from PIL import Image

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.parser_pool import ParserPool
from feedsvc.articles.parsers import SUFFIXES
from feedsvc.articles.picture_variants import made
from feedsvc.builder.build import Builder
from feedsvc.storage.lease import Lease
from feedsvc.storage.store import Store

TELEPHONE, CAMERA, SCREEN = (4_032, 3_024), (6_000, 4_000), (1_440, 900)
# How wide an article's column is in pixels of the screen.
SCREENS = (("a telephone, 360 px at 2", 720), ("a telephone, 390 px at 3", 1_170), ("a screen at 1", 672), ("a screen at 2", 1_344))


def photograph(size: tuple[int, int], seed: int = 0) -> Image.Image:
    """A picture with large shapes and some grain, which compresses about as a photograph does."""
    width, height = size
    small = width // 64 + seed % 3, height // 64
    coarse = [Image.effect_noise(small, 70).resize(size, Image.Resampling.BICUBIC) for _ in range(3)]
    grain = Image.effect_noise(size, 6)
    return Image.merge("RGB", [Image.blend(shape, grain, 0.25) for shape in coarse])


def encoded(image: Image.Image, form: str, **given: object) -> bytes:
    """An image in one of Pillow's formats."""
    out = io.BytesIO()
    image.save(out, form, **given)
    return out.getvalue()


def kinds() -> Iterator[tuple[str, bytes]]:
    """What newsrooms put into their folders."""
    telephone, camera = photograph(TELEPHONE), photograph(CAMERA)
    yield "a telephone's JPEG, 12 megapixels", encoded(telephone, "JPEG", quality=92)
    yield "a camera's JPEG, 24 megapixels", encoded(camera, "JPEG", quality=95)
    yield "the same, progressive", encoded(camera, "JPEG", quality=95, progressive=True)
    yield "a PNG of a photograph, 12 megapixels", encoded(telephone, "PNG", compress_level=1)
    yield "a WebP, 12 megapixels", encoded(telephone, "WEBP", quality=80, method=2)
    yield "an AVIF, 12 megapixels", encoded(telephone, "AVIF", quality=60, speed=10)
    yield "a picture made for the web, 1,200 by 900", encoded(telephone.resize((1_200, 900)), "JPEG", quality=80)
    yield "a screenshot, PNG", encoded(photograph(SCREEN).quantize(16), "PNG")


def cost(rounds: int) -> str:
    """Processor time and bytes of one picture of each kind."""
    rows = []
    for name, data in kinds():
        taken = []
        for _ in range(rounds):
            begun = time.process_time()
            picture = made(data)
            taken.append(time.process_time() - begun)
        sizes = ", ".join(f"{one.width} {one.type.removeprefix('image/')}: {_kb(one.data)}" for one in picture.variants)
        rows.append([name, _kb(data), f"{Figures(tuple(taken)).median:.2f}", sizes])
    return table(["picture", "its file, KB", "seconds of a core", "what is made of it, KB"], rows)


def weight() -> str:
    """What a page loads for its picture, before and after."""
    data = encoded(photograph(TELEPHONE), "JPEG", quality=92)
    pages = made(data).variants[1:]
    rows = []
    for name, pixels in SCREENS:
        taken = next((variant for variant in pages if variant.width >= pixels), pages[-1])
        rows.append([name, _kb(data), _kb(taken.data), f"{len(data) / len(taken.data):.0f} times less"])
    feed = made(data).variants[0]
    rows.append(["a feed's reader", _kb(data), _kb(feed.data), f"{len(data) / len(feed.data):.0f} times less"])
    return table(["who looks", "before, KB", "now, KB", ""], rows)


def cold(folder: Path, count: int) -> str:
    """A first build with so many pictures, each of an article, and a start on what it left."""
    articles = folder / "articles"
    articles.mkdir()
    bases = [encoded(photograph(TELEPHONE, seed), "JPEG", quality=85) for seed in range(4)]
    for number in range(count):
        data = bases[number % len(bases)]
        (articles / f"{number}.jpg").write_bytes(data[:2] + b"\xff\xfe\x00\x0a" + f"{number:08}".encode() + data[2:])
        day = datetime(2026, 5, 1 + number % 28, number // 28 % 24, tzinfo=UTC).isoformat()
        front = f"title: Number {number}\ndate: {day}\nimage: {number}.jpg"
        (articles / f"article-{number}.md").write_text(f"---\n{front}\n---\nIt rained.\n")
    database = f"sqlite:///{folder}/feedsvc.db"
    rows = [built("a first build", articles, database), built("a start on what it left", articles, database)]
    size = (folder / "feedsvc.db").stat().st_size
    original = sum(file.stat().st_size for file in articles.glob("*.jpg"))
    head = ["build", "articles are out, s", "and their pictures, s", "builds", "the longest, s"]
    return f"The files have {original / 1e6:,.0f} MB, the database {size / 1e6:,.0f} MB.\n\n" + table(head, rows)


def built(name: str, articles: Path, database: str) -> list[str]:
    """What a build of a folder takes until all its pictures are made, as a row of the table of builds."""
    store = Store(database)
    lease = Lease(store)
    lease.acquire_patiently()
    begun, lasted = time.monotonic(), []
    with ParserPool() as pool:
        builder = Builder(store, ArticlesFolder(articles, SUFFIXES), pool, PUBLIC_URL)
        while True:
            started = time.monotonic()
            build = builder.run(datetime.now(UTC), holder=lease.holder, fence=lease.fence)
            lasted.append(time.monotonic() - started)
            if len(lasted) == 1:
                out = time.monotonic() - begun
            if not build.pictures and not build.left:
                break
            builder.maker.settle()
        builder.close()
    lease.release()
    store.close()
    return [name, f"{out:.1f}", f"{time.monotonic() - begun:.0f}", str(len(lasted)), f"{max(lasted):.2f}"]


def _kb(data: bytes) -> str:
    return f"{len(data) / 1000:,.0f}"


def main() -> None:
    """Measures all three."""
    options = parser(__doc__)
    options.add_argument("--pictures", type=int, default=1_000)
    given = options.parse_args()
    tables = {"One picture:": cost(given.rounds), "An article with a telephone's picture:": weight()}
    with workshop(given.folder) as (_, folder):
        tables[f"{given.pictures:,} articles with a picture of 12 megapixels each:"] = cold(folder, given.pictures)
    report("pictures", tables, machine("Pillow"), write=given.write)


if __name__ == "__main__":
    main()
