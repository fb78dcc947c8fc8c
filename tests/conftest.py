"""Fixtures: the real parts of tests/support/live.py, each in the test's own folder and ended after it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from feedsvc.storage.store import Store
from support import gazette, origins, wire
from support.databases import BACKENDS, fresh_database
from support.live import FEEDSVC, LONG, Newsroom, Service, free_port

# An example takes as long as it takes, on a machine that is busy with other things. One commit has one result: the same examples
# are tried each time, and others where somebody looks for a fault.
settings.register_profile("feedsvc", deadline=None, derandomize=not LONG, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("feedsvc")

# They run a reader for terminals, where the test run has them.
collect_ignore: list[str] = []
if os.environ.get("FEEDSVC_TEST_READERS") != "1":
    collect_ignore += ["subscribers/test_newsboat.py", "subscribers/test_sfeed.py"]
# They run what operations are done with: nginx, Varnish, rclone, systemd-analyze, sqlite3 and strace; and exiftool.
if os.environ.get("FEEDSVC_TEST_DEPLOYED") != "1":
    collect_ignore += [f"e2e/test_{name}.py" for name in ("deployed", "object_store", "ranges", "varnish")]
    collect_ignore += ["articles/test_exiftool.py"]
# And browsers, and pages that are made by frameworks.
if "FEEDSVC_TEST_BROWSER" in os.environ:
    from support.browser import browser as browser
else:
    collect_ignore += ["browser"]
if not {"FEEDSVC_TEST_FIREFOX", "FEEDSVC_TEST_WEBKIT", "FEEDSVC_TEST_HOSTS"} <= os.environ.keys():
    collect_ignore += ["browser/test_ticker_engines.py"]

# And tools that inject faults, in name spaces of their own.
if os.environ.get("FEEDSVC_TEST_FAULTS") != "1":
    collect_ignore += [f"faults/test_{name}.py" for name in ("clock", "degraded", "disk", "kill", "outbox")]


# A test with a clock in it waits for something or measures it, as what its module imports tells, or it asks a running service.
CLOCK = re.compile(r"^(?:from|import) (?:asyncio|multiprocessing|playwright|threading|time)\b|\b(?:feedsvc|until)\(", re.MULTILINE)
RUNNING = {"browser", "printed", "published", "serve", "services"}


# What takes longest starts first, so that at the end no process is left alone with it. A file's tests run in one process.
LONGEST = (
    *("faults/test_load", "faults/test_soak", "faults/test_upgrade", "faults/", "cluster/", "e2e/", "subscribers/"),
    *("browser/", "supervisor/", "cli/", "builder/test_at_once", "server/"),
    *("formats/test_sitemap", "formats/test_agree", "web/test_archive"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks each test that has a clock in it, for `-m clock`, and puts the longest files first."""
    items.sort(key=_place)
    clocked = {path: bool(CLOCK.search(path.read_text("utf-8"))) for path in {item.path for item in items}}
    for item in items:
        if clocked[item.path] or RUNNING & set(getattr(item, "fixturenames", ())):
            item.add_marker("clock")


def _place(item: pytest.Item) -> int:
    path = item.path.relative_to(Path(__file__).parent).as_posix()
    return next((place for place, name in enumerate(LONGEST) if path.startswith(name)), len(LONGEST))


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    """A newsroom in this process."""
    made = Newsroom(tmp_path)
    yield made
    made.close()


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Makes services that run in the test's folder, and ends what is left of them."""
    made: list[Service] = []

    def new(*command: str, **environment: str) -> Service:
        port = free_port()
        words = [word.replace("{port}", str(port)) for word in command]
        made.append(Service(words, tmp_path, port, environment))
        return made[-1]

    yield new
    with ExitStack() as ends:  # each, though another does not
        for service in made:
            if service.process and service.process.poll() is None:
                ends.callback(service.stop)


@pytest.fixture
def serve(services: Callable[..., Service], tmp_path: Path) -> Callable[..., Service]:
    """Makes instances of `feedsvc serve` over `articles/` in the test's folder."""
    (tmp_path / "articles").mkdir(exist_ok=True)

    def new(*flags: str, workers: int = 1, **environment: str) -> Service:
        return services(*FEEDSVC, "serve", "--port", "{port}", "--workers", str(workers), *flags, **environment)

    return new


@pytest.fixture(scope="session")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One served instance of the articles of tests/support/gazette.py, for tests that only read it."""
    folder = tmp_path_factory.mktemp("printed")
    gazette.found(folder)
    port = free_port()
    service = Service([*FEEDSVC, "serve", "--port", str(port), "--workers", "1", "--interval", "3600"], folder, port)
    yield service.start()
    service.stop()


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[wire.Published]:
    """What a served instance has published, for tests that send it requests of every kind, good and bad."""
    folder = tmp_path_factory.mktemp("published")
    wire.found(folder)
    port = free_port()
    service = Service([*FEEDSVC, "serve", "--port", str(port), "--workers", "1", "--interval", "3600"], folder, port)
    try:
        known = wire.Published(service.start())
        yield known
        known.store.close()
    finally:
        service.stop()


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind that the test run has."""
    return fresh_database(request.param, tmp_path)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A store in such a database."""
    made = Store(database)
    yield made
    made.close()


@pytest.fixture
def site(browser: Browser) -> Iterator[origins.Site]:
    """Another site that embeds the ticker."""
    with origins.opened(browser) as made:
        yield made
