"""`feedsvc new` and `feedsvc init`: what a writer begins with, and nothing overwritten."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedsvc.articles import parsers
from feedsvc.articles.site_toml import read_site
from feedsvc.articles.starters import new_article
from feedsvc.builder.check import check
from feedsvc.cli import init as begin
from feedsvc.cli.init import init
from feedsvc.cli.new import new
from feedsvc.errors import UsageError
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls
from support.newsroom import HOSTILE

SITE = '[site]\ntitle = "The Quay"\n[topics.harbour]\nname = "Harbour"\naliases = ["port"]\n'


@pytest.fixture
def articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "site.toml").write_text(SITE)
    return folder


def typed(*words: str) -> Result:
    return CliRunner().invoke(new, words, catch_exceptions=False)


def test_a_new_article_is_a_draft_in_its_topics_folder_and_has_no_fault(articles: Path) -> None:
    for topic in ("Harbour", "port"):
        ended = typed(f"A ferry: {topic}", "--topic", topic)
        assert ended.stdout == f"articles/harbour/a-ferry-{topic.lower()}.md\n" and ended.exit_code == 0
    text = (articles / "harbour/a-ferry-port.md").read_bytes()
    reading = parsers.read("harbour/a-ferry-port.md", text, Urls("https://feeds.example", Site()))
    assert (reading.article.title, reading.article.draft, reading.warnings) == ("A ferry: port", True, ())
    result = check(articles, (), "https://feeds.example", datetime.now(UTC))
    assert [str(fault) for fault in result.faults] == []


def test_a_file_that_is_there_stays_as_it_is(articles: Path) -> None:
    (articles / "harbour").mkdir()
    (articles / "harbour/a-ferry.md").write_text("Mine.")
    ended = typed("A ferry", "--topic", "harbour")
    assert (ended.exit_code, ended.stdout) == (1, "") and "is there already" in ended.stderr
    assert (articles / "harbour/a-ferry.md").read_text() == "Mine."


@pytest.mark.parametrize("title", [HOSTILE, "— —", '"', "a: b # c", "no", "🚢", "../../etc/passwd", "é" * 300])
def test_any_title_is_a_title(articles: Path, title: str) -> None:
    ended = typed(title)
    file = Path(ended.stdout.strip())
    assert ended.exit_code == 0 and file.parent == Path("articles")
    read = parsers.read("a.md", file.read_bytes(), Urls("https://feeds.example", Site())).article
    assert read.draft and read.title.split()[0][:2] == title.split()[0][:2]


def test_what_is_no_folder_of_a_topic_is_named_instead(articles: Path) -> None:
    assert typed("A year", "--topic", "2026").stdout == "articles/a-year.md\n"
    assert 'topics: ["2026"]' in (articles / "a-year.md").read_text() == new_article("A year", ["2026"])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("A title", "--topic", "all"), '"all" is no name of a topic'),
        (("A title", "--topic", "..."), '"..." is no name of a topic'),
        (("  ",), "a title has 1 to 1,000 characters"),
        (("x" * 1_001,), "a title has 1 to 1,000 characters"),
    ],
)
def test_what_can_be_neither_title_nor_topic_is_refused(articles: Path, words: tuple[str, ...], why: str) -> None:
    with pytest.raises(UsageError, match=why.replace(".", r"\.")):
        typed(*words)


def test_a_topic_that_is_nearly_known_or_not_allowed_is_said(articles: Path) -> None:
    assert 'nearly called "Harbour"' in typed("A title", "--topic", "Habour").stderr
    (articles / "site.toml").write_text(f"{SITE}".replace("[site]", "[site]\nnew_topics = false"))
    with pytest.raises(UsageError, match=r'site\.toml has no topic "Sport"; it has harbour'):
        typed("A title", "--topic", "Sport")


def test_a_folder_that_is_a_link_is_not_written_to(articles: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (articles / "harbour").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="is a symbolic link"):
        typed("A ferry", "--topic", "harbour")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_newsroom_begins_with_two_files_without_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(init, catch_exceptions=False)
    assert ended.stdout.split() == ["articles/site.toml", "articles/news/first-article.md"]
    assert read_site((tmp_path / "articles/site.toml").read_bytes())[1] == ()
    result = check(tmp_path / "articles", (), "https://feeds.example", datetime.now(UTC))
    assert (result.articles, result.faults) == (1, [])
    before = {file: file.read_bytes() for file in (tmp_path / "articles").rglob("*.*")}
    again = CliRunner().invoke(init, catch_exceptions=False)
    assert (again.stdout, again.stderr.count("is there already")) == ("", 2)
    assert {file: file.read_bytes() for file in (tmp_path / "articles").rglob("*.*")} == before


def test_where_articles_are_no_other_is_added(articles: Path) -> None:
    (articles / "site.toml").unlink()
    (articles / "mine.md").write_text("---\ntitle: Mine\n---\nx\n")
    assert CliRunner().invoke(init, catch_exceptions=False).stdout == "articles/site.toml\n"


@pytest.mark.parametrize(("answer", "files"), [(True, 2), (False, 0)])
def test_serve_offers_to_begin_at_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bool, files: int) -> None:
    asked: list[str] = []
    monkeypatch.setattr(begin.click, "confirm", lambda question, **_: asked.append(question) or answer)
    monkeypatch.setattr(begin, "_at_a_terminal", lambda: True)
    for _ in range(2):
        begin.offer(tmp_path / "articles", f"sqlite:///{tmp_path}/var/feedsvc.db")
    assert len([*tmp_path.rglob("*.*")]) == files and len(asked) == (1 if files else 2)
    assert "is missing" in asked[0]


def test_serve_says_elsewhere_how_to_begin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder, what in ((tmp_path, "is empty"), (tmp_path / "none", "is missing")):
        begin.offer(folder, f"sqlite:///{tmp_path}/var/feedsvc.db")
        assert capsys.readouterr().err.endswith(f"{what}; `feedsvc init` writes a site.toml and a first article into it\n")


@pytest.mark.parametrize("database", ["sqlite:///{}/feedsvc.db", "postgresql://db.example/news"])
def test_a_newsroom_that_has_lost_its_articles_is_no_new_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], database: str
) -> None:
    (tmp_path / "feedsvc.db").write_bytes(b"")
    begin.offer(tmp_path / "articles", database.format(tmp_path))
    assert capsys.readouterr().err == "" and not (tmp_path / "articles").exists()
