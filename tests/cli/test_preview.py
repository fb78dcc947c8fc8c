"""`feedsvc preview` as it is typed: one line with a link that works, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from werkzeug.test import Client

from feedsvc.cli.main import main
from support.live import NOON, PUBLIC_URL, Newsroom


@pytest.fixture
def asked(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[object, str, str]]:
    """Runs the command in this process: its exit code, and what it has written."""

    def ask(*words: str) -> tuple[object, str, str]:
        monkeypatch.setattr("sys.argv", ["feedsvc", "preview", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capfd.readouterr()

    return ask


def test_it_prints_a_link_and_nothing_else(
    newsroom: Newsroom, tmp_path: Path, asked: Callable[..., tuple[object, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    newsroom.now = datetime.now(UTC)
    newsroom.write("sport/draft.md", draft=True, title="A draft")
    newsroom.write("sport/bad.md", "---\ntitle: Bad\ndate: 2024-02-30\n---\nx\n")
    newsroom.write("sport/win.md", date=NOON)
    newsroom.build()
    newsroom.write("sport/new.md")
    client: Client = newsroom.client()
    for words, shown in ((("articles/sport/draft.md", "--hours", "2"), "A draft"), (("sport/bad.md",), "In quarantine")):
        code, out, err = asked(*words)
        assert (code, out.count("\n"), err) == (0, 1, "")
        assert out.startswith(f"{PUBLIC_URL}/preview/"), "the address is the service's, which only the database knows"
        answer = client.get(out.strip().removeprefix(PUBLIC_URL))
        assert answer.status_code == 200 and shown in answer.text
    for path, code, why in (
        ("sport/win.md", 1, "is published, so it needs no preview: https://feeds.example/articles/win"),
        ("sport/new.md", 1, "no build has read an article in it yet"),
        ("sport/none.md", 2, "there is no such file in the articles folder"),
    ):
        ended = asked(path)
        assert ended[:2] == (code, "") and why in ended[2] and ended[2].count("\n") == 1
