"""How the service runs: every setting, its bounds, and what is refused."""

from __future__ import annotations

import os
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import UsageError
from feedsvc.settings import NAMED_SECRETS, SECRETS, SETTINGS, Settings, environment_name


def test_defaults() -> None:
    made = Settings()
    assert (made.articles, made.host, made.port) == (Path("articles"), "127.0.0.1", 8000)
    assert (made.workers, made.interval, made.public_url) == (os.cpu_count(), 60, None)
    assert made.database == "sqlite:///var/feedsvc.db"


def test_every_setting_explains_itself() -> None:
    assert {*SETTINGS, *SECRETS, *NAMED_SECRETS} == {field.name for field in fields(Settings)}
    for name, setting in SETTINGS.items():
        assert setting.metadata["help"].endswith(".") and (setting.metadata["metavar"].isupper() or setting.type == "bool")
        assert environment_name(name) == f"FEEDSVC_{name.upper()}"


def test_settings_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"port": 0}, "port 0"),
        ({"port": -1}, "port -1"),
        ({"port": 65536}, "port 65536"),
        ({"workers": 0}, "workers 0"),
        ({"workers": 257}, "workers 257"),
        ({"interval": 0}, "interval 0"),
        ({"interval": 0.09}, "interval 0.09"),
        ({"interval": 86401}, "interval 86401"),
        ({"interval": float("nan")}, "interval nan"),
        ({"interval": float("inf")}, "interval inf"),
        ({"status_token": "too-short"}, "^status token is not 16 to 200"),
        ({"status_token": "x" * 201}, "status token"),
        ({"feed_passwords": (("SPORT", "too-short"),)}, "^FEEDSVC_FEED_PASSWORD_SPORT is not 12 to 200"),
        ({"feed_passwords": (("SPORT", "with a\ttabulator"),)}, "that can be seen"),
        ({"status_token": "with a space in the middle"}, "status token"),
        ({"database": ""}, "database"),
        ({"database": "feedsvc.db"}, "database"),
        ({"database": "postgresql://host:port/name"}, "database"),
    ],
)
def test_what_can_not_be_meant_is_refused(wrong: dict[str, object], word: str) -> None:
    with pytest.raises(UsageError, match=word):
        Settings(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "feeds.example",
        "/feeds",
        "ftp://feeds.example",
        "https://",
        "https://feeds.example/?a=b",
        "https://feeds.example/?",
        "https://feeds.example/#a",
        "https://feeds.example#",
        "https://me@feeds.example",
        "https://me:secret@feeds.example",
        "https://:secret@feeds.example",
        "https://feeds.example:port",
        "https://feeds.example:0",
        "https://feeds.example/a b",
        "https://feeds.example/\r\nX: y",
        'https://feeds.example/">',
        "https://feeds.example>; rel=x",
        "https://fééds.example",
        "https://例え.example",
        "https://feeds.example/日本",
        "https://feeds.example\\evil",
    ],
)
def test_a_public_url_that_could_not_stand_in_links_and_headers_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="public URL"):
        Settings(public_url=url)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://feeds.example", "https://feeds.example"),
        ("https://feeds.example/", "https://feeds.example"),
        ("https://feeds.example/news/", "https://feeds.example/news"),
        ("HTTPS://Feeds.Example", "HTTPS://Feeds.Example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("https://xn--r8jz45g.example/%C3%A9", "https://xn--r8jz45g.example/%C3%A9"),
    ],
)
def test_the_base_url_is_the_public_one_without_its_last_slash(url: str, base: str) -> None:
    assert Settings(public_url=url).base_url == base


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [("127.0.0.1", 8000, "http://127.0.0.1:8000"), ("::1", 80, "http://[::1]:80"), ("feeds.example", 1, "http://feeds.example:1")],
)
def test_without_one_it_is_the_address_listened_on(host: str, port: int, url: str) -> None:
    made = Settings(host=host, port=port)
    assert made.base_url == made.listen_url == url


def test_a_wrong_database_url_is_not_repeated_for_it_may_hold_a_password() -> None:
    with pytest.raises(UsageError) as caught:
        Settings(database="postgresql//desk:secret@host/feedsvc")
    assert "secret" not in str(caught.value)


@given(st.text())
def test_any_public_url_is_taken_or_refused_and_what_is_taken_stands_in_a_header(url: str) -> None:
    for given_url in (url, f"https://{url}", f"https://feeds.example/{url}"):
        try:
            base = Settings(public_url=given_url).base_url
        except UsageError:
            continue
        assert base.isascii() and base.isprintable()
        assert not set(base) & set(' <>"\\?#')
