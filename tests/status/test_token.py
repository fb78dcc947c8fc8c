"""The status token: from the settings, else from a file that only its keeper may read."""

from __future__ import annotations

import base64
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import TokenError
from feedsvc.settings import Settings
from feedsvc.status.token import StatusToken
from support.live import SLOW

GIVEN = "a-token-of-the-settings"


def token(folder: Path) -> StatusToken:
    return StatusToken(Settings(database=f"sqlite:///{folder}/var/feedsvc.db"))


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_it_is_made_once_and_for_its_keeper_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        made = token(tmp_path).read()
    finally:
        os.umask(old)
    assert len(made) >= 43
    assert token(tmp_path).read() == made
    file = tmp_path / "var/status-token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["status-token"]


def test_processes_that_start_at_once_have_the_same(tmp_path: Path) -> None:
    start, found = threading.Barrier(8, timeout=SLOW), []

    def read() -> None:
        start.wait()
        found.append(token(tmp_path).read())

    threads = [threading.Thread(target=read, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SLOW)
    assert len(found) == 8 and len(set(found)) == 1


def test_a_file_that_is_changed_counts_at_once(tmp_path: Path) -> None:
    kept = token(tmp_path)
    before = kept.read()
    (tmp_path / "var/status-token").write_text("another-token-of-mine\n")
    assert kept.admits("Bearer another-token-of-mine") and not kept.admits(f"Bearer {before}")


@pytest.mark.parametrize("database", ["postgresql://desk:secret@db.example/news", "sqlite://", "sqlite:///:memory:"])
def test_a_database_without_a_file_has_it_in_the_working_directory(database: str) -> None:
    assert StatusToken(Settings(database=database)).path == Path("var/status-token")


@pytest.mark.parametrize("content", [b"", b"\n", b"short", b"with a space in the middle", b"\xff" * 40, b"x" * 5000])
def test_a_file_that_holds_no_token_admits_nobody(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/status-token").write_bytes(content)
    with pytest.raises(TokenError, match="is not 16 to 200"):
        token(tmp_path).admits(f"Bearer {content.decode('latin-1')}")


def test_a_file_that_can_not_be_read_or_made_admits_nobody(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file in the folder's place")
    with pytest.raises(TokenError, match=r"status-token: (not a directory|file exists)"):
        token(tmp_path).read()
    (tmp_path / "other/var/status-token").mkdir(parents=True)
    with pytest.raises(TokenError, match="is a directory"):
        token(tmp_path / "other").read()


@pytest.mark.parametrize(
    ("authorization", "admitted"),
    [
        (basic("editor", GIVEN), True),
        (basic("", GIVEN), True),
        (f"bearer {GIVEN}", True),
        (f"Bearer  {GIVEN} ", True),
        (basic("editor", GIVEN).replace("Basic", "BASIC"), True),
        ("", False),
        ("Bearer", False),
        ("Bearer ", False),
        ("Basic", False),
        ("Basic !!!", False),
        ("Basic é", False),
        ("Bearer é\u2028", False),
        (f"Digest {GIVEN}", False),
        (GIVEN, False),
        (basic(GIVEN, ""), False),
        (basic("editor", f"{GIVEN}x"), False),
        (basic("editor", GIVEN[:-1]), False),
        ("Basic " + base64.b64encode(GIVEN.encode()).decode(), False),
        (f"Bearer {GIVEN} {GIVEN}", False),
    ],
)
def test_who_is_admitted(authorization: str, admitted: bool) -> None:
    assert StatusToken(Settings(status_token=GIVEN)).admits(authorization) is admitted


@given(st.text(max_size=60), st.sampled_from(["Basic ", "Bearer ", "basic", ""]))
def test_whatever_else_is_presented_admits_nobody(text: str, scheme: str) -> None:
    assert not StatusToken(Settings(status_token=GIVEN)).admits(scheme + text)


def test_the_token_of_the_settings_makes_no_file_and_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(status_token=GIVEN)
    assert StatusToken(settings).read() == GIVEN
    assert GIVEN not in repr(settings) and list(tmp_path.iterdir()) == []
