"""The docs name what the code has, and nothing that it lacks."""

from __future__ import annotations

import json
import pkgutil
import re
import tomllib
from dataclasses import MISSING, fields
from urllib.parse import unquote

import click
import pytest

from feedsvc.articles import authors_toml, folder, parsers, pictures
from feedsvc.articles.feeds_toml import KEYS
from feedsvc.articles.parsers import frontmatter, markup, parts, synonyms
from feedsvc.articles.site_toml import MAX_ENTRIES, read_site
from feedsvc.cli.main import COMMANDS as NAMES
from feedsvc.cli.main import cli
from feedsvc.errors import ArticleError
from feedsvc.formats import headlines, render, ticker_script
from feedsvc.model import article, urls
from feedsvc.model.front import Front
from feedsvc.model.site import RESERVED, Site, Topic, story_slug
from feedsvc.model.target import EVENTS, Purge, Webhook
from feedsvc.settings import NAMED_SECRETS, SECRETS, SETTINGS, Settings, environment_name
from feedsvc.storage.store import Store
from feedsvc.web.app import create_app
from feedsvc.web.readiness import HEALTH, READY
from support.docs import DOCS, ROOT, doc, fences, named, outside_fences, rows, section, spans
from support.newsroom import ADDRESSES, FULL, make_edition, make_entry

COMMANDS = {name: cli.get_command(click.Context(cli), name) for name in NAMES}
PLACE = urls.Urls("https://feeds.example", Site())


# ---- commands and settings


def options(command: click.Command) -> set[str]:
    return {name for parameter in command.params if isinstance(parameter, click.Option) for name in parameter.opts}


def test_every_command_is_in_its_table_and_the_other_way_round() -> None:
    written = {name for name in named("docs/commands.md", "Commands") if not name.isdigit()}
    assert written == {f"feedsvc {name}" for name in COMMANDS}


def test_every_flag_that_is_no_setting_is_in_the_table_of_commands() -> None:
    flags = {"--settings", *(f"--{name.replace('_', '-')}" for name in SETTINGS)}
    table = {spans(row[0])[0]: set(spans(row[1])) for row in rows("docs/commands.md", "Commands") if spans(row[0])}
    for name, command in COMMANDS.items():
        assert options(command) - flags == {span for span in table[f"feedsvc {name}"] if span.startswith("--")}, name


def test_the_contract_names_each_commands_flags_and_no_others() -> None:
    synopsis = next(text for text in fences("docs/design/contract.md", "text") if text.startswith("feedsvc "))
    written = {line.split()[1]: set(re.findall(r"--[a-z-]+", line)) for line in synopsis.splitlines()}
    assert written == {name: options(command) for name, command in COMMANDS.items()}


@pytest.mark.parametrize("name", DOCS)
def test_no_document_names_a_command_or_variable_that_is_not(name: str) -> None:
    assert set(re.findall(r"`feedsvc ([a-z][a-z-]*)", doc(name))) <= COMMANDS.keys()
    twins = {environment_name(setting) for setting in (*SETTINGS, *SECRETS, "settings")}
    named = set(re.findall(r"FEEDSVC_(?!TEST_)[A-Z_]+", doc(name).replace("FEEDSVC_<NAME>", "")))
    assert {one for one in named if not one.startswith((*NAMED_SECRETS.values(),))} <= twins


def test_every_setting_is_in_its_table_with_flag_twin_and_default_and_the_other_way_round() -> None:
    written = {(*spans(row[0]), *spans(row[1])): row[2] for row in rows("docs/settings.md", "How the service runs")}
    for name in SECRETS:  # every process of a machine sees the others' flags
        assert written.pop((environment_name(name),))
    for prefix in NAMED_SECRETS.values():
        assert written.pop((f"{prefix}<NAME>",))
    assert not spans(written.pop(("--settings", environment_name("settings"))))
    assert written.keys() == {(f"--{name.replace('_', '-')}", environment_name(name)) for name in SETTINGS}
    for (flag, _), default in written.items():
        setting = SETTINGS[flag[2:].replace("-", "_")]
        if setting.name in ("workers", "public_url", "database_read", "database_listen", "revision"):  # others have a say
            assert not spans(default)
        else:
            usual = setting.default or (setting.name == "local_copy" and Settings(database="postgresql://host").copy_path)
            assert spans(default) == [str(usual)] or not (spans(default) or usual)


@pytest.mark.parametrize(
    ("heading", "kind", "besides"),
    [
        ("What the newsroom says of itself", Site, ("topics", "feeds", "authors", "redirects", "webhooks", "purges")),
        ("Topics", Topic, ("slug",)),
        ("Webhooks", Webhook, ()),
        ("Purges", Purge, ()),
    ],
)
def test_every_key_of_site_toml_is_in_its_table_with_its_default(heading: str, kind: type, besides: tuple[str, ...]) -> None:
    keys = {field.name: field for field in fields(kind) if field.init and field.name not in besides}
    written = {spans(row[0])[0]: spans(row[1]) for row in rows("docs/settings.md", heading)}
    assert written.keys() == keys.keys()
    for key, default in written.items():
        known = keys[key].default
        if default:
            assert default == [str(known).lower() if isinstance(known, bool) else str(known)]
        else:
            assert known in ("", (), None, MISSING, EVENTS)


def test_every_key_of_a_feed_and_of_an_author_is_in_its_table() -> None:
    assert named("docs/settings.md", "Feeds") == {*KEYS}
    assert named("docs/settings.md", "Authors") == {*authors_toml.KEYS}


def test_the_settings_page_knows_the_limits_of_site_toml() -> None:
    assert f"1 to {MAX_ENTRIES}" in doc("docs/settings.md")
    for name in ("docs/settings.md", "docs/design/contract.md"):
        assert all(f"`{slug}`" in doc(name) for slug in RESERVED)


# ---- routes


def published_routes() -> set[str]:
    pages = render.home_document(Front(), (), {}, ADDRESSES, {}), render.corrections_document((), ADDRESSES)
    site_wide = dict((*pages, *render.site_documents((), (), ADDRESSES)))
    return {
        *("/ticker-<digest>.js" if ticker_script.is_versioned(path) else path for path in site_wide),
        render.news_sitemap((), ADDRESSES)[0],
        render.sitemap_index((), ADDRESSES)[0],
        *(unquote(path) for path in render.topic_paths("<topic>", ["<partner>"])),
        *(unquote(path) for path in render.topic_paths(story_slug("<story>"))),
        *(path for path in render.topic_paths("all") if "/all" not in path),
        unquote(urls.media_path("<file>")),
    }


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    app = create_app(Settings(), Store(f"sqlite:///{tmp_path_factory.mktemp('docs')}/feedsvc.db"))
    answered = {HEALTH, READY, *(rule.rule.replace("<path:", "<") for rule in app.flask.url_map.iter_rules())}
    return (answered | published_routes()) - render.EVERYTHING.keys()


def test_every_route_is_in_its_table_and_the_other_way_round(routes: set[str]) -> None:
    assert named("docs/routes.md", "Routes") == routes


def test_the_tickers_json_has_the_fields_of_its_contract() -> None:
    written = json.loads(fences("docs/design/contract.md", "json")[0])
    entry = make_entry(FULL)
    made = json.loads(headlines.whole(make_edition(entry), [headlines.entry(entry, ADDRESSES)], ADDRESSES))
    assert list(written) == list(made)
    assert list(written["headlines"][0]) == list(made["headlines"][0])
    assert (written["version"], written["refresh"]) == (headlines.VERSION, headlines.REFRESH_BREAKING_SECONDS)
    assert f"{headlines.MOST} headlines" in doc("docs/routes.md")


# ---- articles


def known_keys(front: str) -> set[str]:
    """The keys that a reader names when it meets one that is like none of them."""
    reading = parsers.read("a.md", f"---\ntitle: T\n{front}\n---\nText.\n".encode(), PLACE)
    return set(reading.warnings[-1].reason.partition("known are ")[2].split(", "))


def test_every_front_matter_key_is_in_its_table_and_the_other_way_round() -> None:
    assert named("docs/articles.md", "Keys") == known_keys("qqqqqqqq: 1")


def test_every_other_name_of_a_key_is_in_its_table_in_its_order_and_the_other_way_round() -> None:
    table = rows("docs/articles.md", "Other names for keys")
    written = {spans(row[0])[0]: tuple(name.lower() for name in spans(row[1])) for row in table}
    assert written == synonyms.SYNONYMS


def test_the_keys_of_pictures_and_corrections_are_in_the_table() -> None:
    holds = {key: set(spans(row[1])) for row in rows("docs/articles.md", "Keys") for key in spans(row[0])}
    assert holds["image"] == known_keys("image: {src: 'https://x.example/a.jpg', qqqqqqqq: 1}")
    assert holds["corrections"] == known_keys("corrections: {date: 2026-05-21T09:00Z, text: T, qqqqqqqq: 1}")
    assert holds["claim"] == set(article.Claim)


def test_every_kind_of_file_is_in_its_table_and_the_other_way_round() -> None:
    assert named("docs/articles.md", "Files") == set(parsers.SUFFIXES)


def test_the_articles_page_knows_every_limit() -> None:
    sizes = (article.MAX_BYTES, article.MAX_TEXT, frontmatter.MAX_FRONT_MATTER, parts.MAX_PASSAGE, pictures.MAX_PICTURE_BYTES)
    depths = (frontmatter.MAX_DEPTH, markup.MAX_DEPTH)
    limits = [f"{size:,}" for size in sizes] + [f"more than {depth} deep" for depth in depths]
    limits += [f"more than {folder.MAX_DEPTH} folders deep"]
    limits += [f"at most {article.MAX_TOPICS}", f"more than {parts.MAX_LISTED} authors", f"{frontmatter.MAX_KEYS} keys"]
    assert [limit for limit in limits if limit not in doc("docs/articles.md")] == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"an-example{suffix}", text)
        for suffix, language in ((".md", "markdown"), (".html", "html"), (".txt", "text"))
        for name in ("README.md", "docs/articles.md")
        for text in fences(name, language)
    ],
)
def test_every_example_of_an_article_reads_without_a_warning(path: str, text: str) -> None:
    reading = parsers.read(path, text.encode(), PLACE)
    assert reading.warnings == ()
    assert reading.article.standfirst


def test_the_example_of_site_toml_reads_without_a_warning() -> None:
    site, warnings = read_site(fences("docs/settings.md", "toml")[0].encode())
    assert warnings == ()
    assert site.topics


def answered(front: str) -> list[str]:
    try:
        reading = parsers.read("a.md", f"---\ntitle: T\n{front}\n---\nText.\n".encode(), PLACE)
    except ArticleError as error:
        return [fault.reason for fault in error.faults]
    return [f"warning: {warning.reason}" for warning in reading.warnings]


def said(heading: str) -> list[tuple[str, str]]:
    """What may be written, and the answer to it, as the table under a heading has them."""
    return [(spans(row[0])[0], spans(row[1])[0]) for row in rows("docs/articles.md", heading)]


@pytest.mark.parametrize(("written", "answer"), said("What is refused"))
def test_what_the_docs_say_is_refused_is(written: str, answer: str) -> None:
    assert answered(written) == [answer]


@pytest.mark.parametrize(("written", "answer"), said("What is warned about"))
def test_what_the_docs_say_is_warned_about_is(written: str, answer: str) -> None:
    assert answered(written) == [f"warning: {answer}"]


# ---- modules, functions, packages, links


def test_every_package_of_the_code_is_in_the_design_and_the_other_way_round() -> None:
    packages = {f"{path.parent.name}/" for path in (ROOT / "feedsvc").glob("*/__init__.py")}
    assert {spans(row[0])[0] for row in rows("docs/design/README.md", "Packages")} == packages


def test_the_decisions_are_numbered_and_say_what_was_rejected() -> None:
    decisions = re.split(r"^(?=\d+\. )", section("docs/design/decisions.md", "Decisions"), flags=re.MULTILINE)[1:]
    assert [int(decision.split(".")[0]) for decision in decisions] == list(range(1, len(decisions) + 1))
    assert [decision[:40] for decision in decisions if "*Rejected:*" not in decision] == []


@pytest.mark.parametrize("function", sorted(set(re.findall(r"`([\w.]+)\(\)`", doc("docs/lifecycle.md")))))
def test_every_function_of_the_lifecycles_exists(function: str) -> None:
    assert callable(pkgutil.resolve_name(f"feedsvc.{function}"))


def test_every_package_it_is_built_on_is_in_the_design_and_the_other_way_round() -> None:
    project = tomllib.loads(doc("pyproject.toml"))["project"]
    needed = {re.split(r"[<>=\[ ]", need)[0] for need in project["dependencies"]}
    assert named("docs/design/README.md", "What it is built on") == needed


@pytest.mark.parametrize("name", DOCS)
def test_every_link_between_docs_leads_somewhere(name: str) -> None:
    for target, _, heading in (link.partition("#") for link in re.findall(r"\]\(([^)]+)\)", doc(name)) if "://" not in link):
        found = ((ROOT / name).parent / target).resolve() if target else ROOT / name
        assert found.is_file(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", outside_fences(found.read_text("utf-8")), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


def test_every_file_and_name_of_the_contributing_page_exists() -> None:
    text = re.sub(r"```.*?```|`[^`]*<name>[^`]*`", "", doc("CONTRIBUTING.md"), flags=re.DOTALL)
    files = {span for span in spans(text) if re.fullmatch(r"[\w/]+\.\w+", span) and span not in ("site.toml", "answers.txt")}
    assert {file for file in files if not (ROOT / file).exists() and not (ROOT / "feedsvc" / file).exists()} == set()
    for constant, file in re.findall(r"`([A-Z_]+)` in `([\w/]+)\.py`", text):
        assert hasattr(pkgutil.resolve_name(f"feedsvc.{file.replace('/', '.').removesuffix('.__init__')}"), constant)


def test_the_readme_is_short() -> None:
    assert len(doc("README.md").splitlines()) <= 90


def test_every_document_is_in_the_index() -> None:
    linked = {(ROOT / "docs" / link.partition("#")[0]).resolve() for link in re.findall(r"\]\(([^)]+)\)", doc("docs/README.md"))}
    assert {ROOT / name for name in DOCS} - linked == {ROOT / "README.md", ROOT / "docs/README.md"}


def test_the_first_screen_of_the_readme_holds_the_two_commands_and_no_more() -> None:
    screen = "\n".join(doc("README.md").splitlines()[:30])
    commands = [block.strip().splitlines() for block in re.findall(r"^```sh\n(.*?)^```$", screen, re.MULTILINE | re.DOTALL)]
    assert [len(lines) for lines in commands] == [1, 1]
    assert commands[0][0].endswith("feedsvc serve")
    assert commands[1][0].endswith("-m pytest -n auto")
    assert fences("CONTRIBUTING.md", "sh")[0] == f"{commands[1][0]}\n"


@pytest.mark.parametrize("name", DOCS)
def test_the_docs_use_the_standard_words(name: str) -> None:
    prose = re.sub(r"`[^`\n]+`", "", doc(name))  # RSS and JSON Feed call an element so
    assert re.findall(r"\b(?:items?|posts?|managers?|helpers?|utils?)\b", prose, re.IGNORECASE) == []
