"""The docs for operators are true, and what they hand out says what they say; tests/e2e/test_deployed.py runs it."""

from __future__ import annotations

import configparser
import importlib
import re
import stat
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.parsers import SUFFIXES
from feedsvc.cli.reload import RELOAD_SECONDS
from feedsvc.cli.settings_file import read_settings_file
from feedsvc.formats.ticker_script import versioned_path
from support.docs import ROOT, doc, named, rows, spans
from support.live import Newsroom, Service

SOURCES = sorted((ROOT / "feedsvc").rglob("*.py"))
CONSTRAINTS = ("constraints.txt", "constraints-test.txt")
EXAMPLES = {
    "/topics/<topic>": "/topics/harbour",
    "/articles/<slug>": "/articles/anchor",
    "/ticker-<digest>.js": versioned_path(),
}
LIMIT = re.compile(r"^((?:MAX|MOST)(?:_\w+)?)(?:: \w+)? = ", re.MULTILINE)


# ---- what goes wrong, and the limits


def told() -> list[str]:
    """The words in the first column of the table of failures: in a log, on a page, or a metric's name."""
    return sorted({span for row in rows("docs/operations.md", "When something is wrong") for span in spans(row[0])})


@pytest.mark.parametrize("words", told())
def test_the_words_that_the_table_of_failures_quotes_are_in_the_code(words: str) -> None:
    metrics = named("docs/operations.md", "Metrics")  # which a test of theirs holds against the code
    assert words in metrics or any(words in path.read_text("utf-8") for path in SOURCES)


def limits() -> dict[str, str]:
    return {spans(row[0])[0]: row[1] for row in rows("docs/operations.md", "Limits")}


@pytest.mark.parametrize("name", limits())
def test_a_limit_has_the_value_that_its_table_says(name: str) -> None:
    module, _, constant = name.rpartition(".")
    value = getattr(importlib.import_module(f"feedsvc.{module}"), constant)
    if isinstance(value, timedelta):
        assert limits()[name] == f"{value / timedelta(minutes=1):g} min"
    else:
        assert limits()[name] == (f"{value:,g}" if isinstance(value, float) else f"{value:,}")


def test_every_limit_of_the_code_is_in_the_table() -> None:
    found = set()
    for path in SOURCES:
        module = ".".join(path.relative_to(ROOT / "feedsvc").with_suffix("").parts).removesuffix(".__init__")
        found |= {f"{module}.{name}" for name in LIMIT.findall(path.read_text("utf-8"))}
    assert sorted(found - limits().keys()) == []


def test_the_rules_for_caches_are_those_that_are_sent(printed: Service) -> None:
    for row in rows("docs/operations.md", "Behind a CDN"):
        for path in spans(row[0]):
            assert (path, printed.get(EXAMPLES.get(path, path)).headers["cache-control"]) == (path, spans(row[1])[0])


# ---- the threat model


def test_every_module_and_test_of_the_threat_model_exists() -> None:
    for row in rows("SECURITY.md", "Threats and protection"):
        for place in spans(row[3]):
            assert (ROOT / place).is_file() or (ROOT / "feedsvc" / place).is_file(), place
        for test in spans(row[4]):
            assert (ROOT / test).is_file(), test


def test_nobody_else_may_enter_the_folder_that_the_service_makes(newsroom: Newsroom) -> None:
    folder = newsroom.articles.parent / "var"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


# ---- packages


def pins(name: str) -> dict[str, tuple[Requirement, list[str]]]:
    """Each package of a constraints file, with its digests."""
    found = {}
    for block in re.split(r"\n(?=\S)", doc(name).replace("\\\n", " ")):
        line, *digests = block.partition("    #")[0].split("--hash=")
        pin = Requirement(line.strip())
        found[canonicalize_name(pin.name)] = (pin, [digest.strip() for digest in digests])
    return found


def needs(*extras: str) -> list[Requirement]:
    project = tomllib.loads(doc("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *(need for extra in extras for need in project["optional-dependencies"][extra])]
    return [Requirement(need) for need in wanted]


@pytest.mark.parametrize(("name", "extra"), [*zip(CONSTRAINTS, ("postgresql", "test"), strict=True)])
def test_every_package_is_pinned_within_its_range(name: str, extra: str) -> None:
    pinned = pins(name)
    for need in needs("postgresql", extra):
        pin, _ = pinned[canonicalize_name(need.name)]
        [exact] = pin.specifier
        assert exact.operator == "=="
        assert need.specifier.contains(exact.version), need


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_every_pin_has_digests_and_no_address(name: str) -> None:
    for pin, digests in pins(name).values():
        assert digests, pin
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in digests)
    assert not re.search(r"://|--index|--find-links|^#|/", doc(name), re.M)


def test_the_tests_run_on_what_a_service_runs_on() -> None:
    run, tested = (pins(name) for name in CONSTRAINTS)
    assert {name: str(pin) for name, (pin, _) in run.items()} == {name: str(tested[name][0]) for name in run}


def test_the_docs_test_what_was_tested() -> None:
    for name in ("README.md", "CONTRIBUTING.md"):
        (command,) = (line for line in doc(name).splitlines() if line.startswith("python3 ") and "-m pytest" in line)
        assert "pip install -q -r constraints-test.txt && .venv/bin/pip install -q --no-deps -e ." in command


def test_a_pin_is_for_every_python_that_is_supported() -> None:
    python = {**default_environment(), "python_version": "3.14", "python_full_version": "3.14.0"}
    pinned = pins("constraints.txt")
    for need in needs("postgresql"):
        marker = pinned[canonicalize_name(need.name)][0].marker
        assert marker is None or marker.evaluate(python)


# ---- the unit and the image


def unit() -> configparser.RawConfigParser:
    parsed = configparser.RawConfigParser(strict=False, delimiters="=", interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(ROOT / "deploy/feedsvc.service", "utf-8")
    return parsed


def test_the_unit_waits_longer_than_the_drain_takes() -> None:
    from feedsvc.supervisor.child import DRAIN_SECONDS

    assert int(unit()["Service"]["TimeoutStopSec"]) > DRAIN_SECONDS


def test_the_unit_has_memory_for_two_web_workers_at_all_their_bounds_beside_the_builder() -> None:
    from feedsvc.server.state import MAX_HELD_BYTES, MAX_UNREAD_BYTES, MAX_UNSENT_BYTES
    from feedsvc.web.cache import DOCUMENT_BYTES, MADE_BYTES, PICTURE_BYTES, PROTECTED_BYTES
    from feedsvc.web.page_writer import MAX_WAITING_BYTES

    kept = DOCUMENT_BYTES + PICTURE_BYTES + MADE_BYTES + PROTECTED_BYTES
    bounds = MAX_HELD_BYTES + MAX_UNREAD_BYTES + MAX_UNSENT_BYTES + kept + MAX_WAITING_BYTES
    worker, builder = 90_000_000 + bounds, 550_000_000
    assert f"{round(bounds / 1e7)}0 MB more where" in doc("docs/operations.md")
    held_back, ended = (int(unit()["Service"][key].removesuffix("G")) * 10**9 for key in ("MemoryHigh", "MemoryMax"))
    assert 2 * worker + builder < held_back < ended


def test_the_unit_and_the_docs_name_the_same_places() -> None:
    text = doc("deploy/feedsvc.service") + doc("deploy/feedsvc.env")
    state = unit()["Service"]["StateDirectory"]
    assert f"sqlite:////var/lib/{state}/feedsvc.db" in text
    for place in ("/srv/articles", "/etc/feedsvc.env", "/opt/feedsvc/bin/feedsvc", f"/var/lib/{state}"):
        assert place in text
        assert place in doc("docs/operations.md")


def test_a_reload_of_the_unit_reads_the_file_that_a_start_does() -> None:
    service = unit()["Service"]
    assert not {"Environment", "EnvironmentFile"} & service.keys()  # which would win over the file, and stay as they were
    asked = [service[key].removeprefix("/opt/feedsvc/bin/feedsvc ").split() for key in ("ExecStart", "ExecReload")]
    assert asked == [["serve", "--settings", "/etc/feedsvc.env"], ["reload", "--settings", "/etc/feedsvc.env"]]
    assert int(service["TimeoutStartSec"]) > RELOAD_SECONDS
    assert read_settings_file(ROOT / "deploy/feedsvc.env").keys() == {"public_url", "articles", "database"}


def test_the_image_installs_nothing_without_a_digest_and_runs_as_nobody_in_particular() -> None:
    text = doc("deploy/Containerfile")
    assert "--require-hashes --no-deps -r constraints.txt" in text
    assert re.search(r"^USER (?!0|root)\S+$", text, re.M)
    assert "podman build --format docker" in doc("docs/operations.md")  # the other format has no HEALTHCHECK
    assert re.search(r'^CMD \["feedsvc", "serve"\]$', text, re.M)  # no shell stands between it and SIGTERM
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.M):
        assert all((ROOT / name).exists() and f"!{name}" in doc(".containerignore") for name in copied.split())


def test_the_articles_folder_that_is_gone_is_told_as_the_table_says(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"^articles folder .*: no such file or directory$"):
        ArticlesFolder(tmp_path / "gone", SUFFIXES).check()
