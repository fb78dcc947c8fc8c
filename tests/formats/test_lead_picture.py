"""The lead picture is shown once, above the text or in it."""

from __future__ import annotations

import pytest

from feedsvc.formats.content import lead_picture
from feedsvc.model.article import Article, Image

SRC = "https://cdn.tideway.example/crane.jpg"


@pytest.mark.parametrize(
    ("src", "in_text", "above"),
    [
        (SRC, SRC, False),
        (SRC, "http://cdn.tideway.example/crane.jpg", False),
        (SRC, f"{SRC}?w=800&amp;h=600", False),
        (SRC, "https://cdn.tideway.example/crane-1024x768.jpg", False),
        ("https://x.example/%C3%A9.png", "https://x.example/é.png", False),
        (SRC, "https://cdn.tideway.example/cranes.jpg", True),
        ("https://x.example/image?id=1", "https://x.example/image?id=2", True),
        (SRC, "https://other.example/crane.jpg", True),
    ],
)
def test_the_text_shows_it_already(src: str, in_text: str, above: bool) -> None:
    body = f'<p>One.</p><p><img alt="A" src="{in_text}"></p><img src="https://x.example/other.jpg">'
    article = Article(title="Crane", slug="crane", body=body, image=Image(src=src))
    assert (lead_picture(article) is not None) is above


def test_without_a_picture_there_is_none() -> None:
    assert lead_picture(Article(title="Crane", slug="crane", body="<p>One.</p>")) is None
