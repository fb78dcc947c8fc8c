"""Which revision of the articles is older than what is published."""

from __future__ import annotations

import pytest

from feedsvc.model.revision import MOST_REVISIONS, goes_back, with_revision


@pytest.mark.parametrize(
    ("revision", "published", "back"),
    [
        ("", (), False),
        ("7", (), False),
        ("7", ("6", "7"), False),
        ("10", ("9",), False),
        ("8", ("7", "9"), True),  # that nobody published
        ("c", ("a", "b"), False),
        ("a", ("a", "b"), True),
        ("", ("a",), True),
        ("2026-05", ("7",), False),
    ],
)
def test_an_older_one_is_known_by_its_number_or_because_it_was_published(
    revision: str, published: tuple[str, ...], back: bool
) -> None:
    assert goes_back(revision, published) == back


def test_the_last_ones_are_remembered() -> None:
    published: tuple[str, ...] = ()
    for number in range(MOST_REVISIONS + 2):
        published = with_revision(published, f"r{number}")
    assert len(published) == MOST_REVISIONS and published[-1] == f"r{MOST_REVISIONS + 1}"
    assert with_revision(("a", "b"), "b") == ("a", "b")
