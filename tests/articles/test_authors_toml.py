"""`[authors.<slug>]` of site.toml: what it says, and each fault with its line."""

from __future__ import annotations

import pytest

from feedsvc.articles.authors_toml import MAX_ALIASES, MAX_AUTHORS
from feedsvc.articles.site_toml import read_site
from feedsvc.errors import SiteError
from feedsvc.model.author import Author

FULL = """[authors.ada-keel]
name = "Ada M. Keel"
url = "https://ada.example/"
picture = "https://ada.example/ada.jpg"
aliases = ["A. Keel", "ADA KEEL"]
fediverse = "ada@social.example"

[authors.ben-oar]
"""


def test_every_key_is_read_and_an_author_is_known_by_every_name() -> None:
    site, warnings = read_site(FULL.encode())
    assert not warnings
    assert site.authors == (
        Author(
            slug="ada-keel",
            name="Ada M. Keel",
            url="https://ada.example/",
            picture="https://ada.example/ada.jpg",
            aliases=("a-keel", "ada-m-keel"),
            fediverse="@ada@social.example",
        ),
        Author(slug="ben-oar", name="Ben Oar"),
    )
    names = ("Ada Keel", "a. keel", "Ada M. Keel", "Ben Oar", "Cy Tide", "…")
    assert [site.slug_of_author(name) for name in names] == ["ada-keel"] * 3 + ["ben-oar", "cy-tide", ""]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[authors]\nada = 1", 2, "authors.ada is a table"),
        ('authors = "Ada"', 1, "[authors] is a table"),
        ('[authors."Ada Keel"]', 1, '[authors.Ada Keel] "Ada Keel" is not an author\'s slug; "ada-keel" would be one'),
        ("[authors.ada]\nname = 7", 2, "[authors.ada] name is a text in quotes"),
        ("[authors.ada]\nurl = 'javascript:alert(1)'", 2, "[authors.ada] url is an http(s) address, percent-encoded"),
        ("[authors.ada]\npicture = 'https://x.example/\"'", 2, "[authors.ada] picture is an http(s) address"),
        ("[authors.ada]\nfediverse = '@ada'", 2, '[authors.ada] fediverse is an account such as "@ada@quay.example"'),
        ("[authors.ada]\nfediverse = '@a@x.example\" onload=\"'", 2, "[authors.ada] fediverse is an account"),
        ("[authors.ada]\naliases = 'A'", 2, f"[authors.ada] aliases is a list of names, of at most {MAX_ALIASES}"),
        ("[authors.ada]\naliases = ['…']", 2, "[authors.ada] aliases is a list of names"),
        ("[authors.ada]\n[authors.ben]\naliases = ['Ada']", 3, '[authors.ben] alias "ada" is a name of "ada" already'),
        ("[authors.ada]\ntoken = 'x'", 2, "token does not belong into this file"),
    ],
)
def test_a_fault_names_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(SiteError) as refused:
        read_site(text.encode())
    (fault,) = refused.value.faults
    assert fault.line == line and fault.reason.startswith(reason), fault


def test_an_unknown_key_is_a_warning_with_the_nearest_known_one() -> None:
    _, (warning,) = read_site(b'[authors.ada]\npictures = "https://x.example/a.jpg"')
    assert (warning.line, warning.reason) == (2, 'unknown key "pictures"; did you mean "picture"?')


def test_two_of_one_name_are_two_authors() -> None:
    site, _ = read_site(b'[authors.john-smith]\n[authors.john-smith-2]\nname = "John Smith"\n')
    assert site.slug_of_author("John Smith") == "john-smith"


def test_there_may_be_ten_thousand_authors_and_no_more() -> None:
    many = "".join(f'[authors.a{number}]\naliases = ["b{number}"]\n' for number in range(MAX_AUTHORS))
    site, warnings = read_site(many.encode())
    assert len(site.authors) == MAX_AUTHORS and not warnings
    with pytest.raises(SiteError, match="there are 10,001 authors; at most 10,000 are allowed"):
        read_site(f"{many}[authors.one-more]\n".encode())
