"""Signed links to previews: what holds, and that nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model.preview_link import PreviewLink, read_preview_link

NOW = datetime(2026, 5, 21, 23, 40, 0, 5, tzinfo=UTC)
TOKEN, OTHER = "the-token-of-this-newsroom", "another-token-of-this-newsroom"
LINK = PreviewLink.made("harbour-vote", "urn:uuid:1", NOW)


def query(link: PreviewLink, token: str = TOKEN) -> dict[str, str]:
    return dict(parse_qsl(link.query(token), strict_parsing=True))


def test_a_link_holds_for_its_time() -> None:
    path = urlsplit(LINK.path(TOKEN))
    assert path.path == "/preview/harbour-vote" and dict(parse_qsl(path.query)) == query(LINK)
    read = read_preview_link("harbour-vote", query(LINK), TOKEN, NOW)
    assert read == LINK and LINK.until == NOW.replace(microsecond=0) + timedelta(hours=24)
    assert read_preview_link("harbour-vote", query(LINK), TOKEN, LINK.until - timedelta(seconds=1)) == LINK
    assert read_preview_link("harbour-vote", query(LINK), TOKEN, LINK.until) is None


@pytest.mark.parametrize(
    ("slug", "changed"),
    [
        ("harbour-vote", query(LINK, OTHER)),
        ("another", query(LINK)),
        ("harbour-vote", query(LINK) | {"of": "urn:uuid:2"}),
        ("harbour-vote", query(LINK) | {"until": str(int(LINK.until.timestamp()) + 1)}),
        ("harbour-vote", query(LINK) | {"signature": query(replace(LINK, of="urn:uuid:2"))["signature"]}),
        ("harbour-vote", query(LINK) | {"signature": query(replace(LINK, slug="another"))["signature"]}),
        ("harbour-vote", query(LINK) | {"signature": ""}),
        ("harbour-vote", query(LINK) | {"signature": "é"}),
        ("harbour-vote", query(LINK) | {"signature": "\udc80"}),
        ("harbour-vote", query(LINK) | {"signature": "x" * 100_000}),
        ("harbour-vote", query(LINK) | {"until": "٤" * 10}),
        ("harbour-vote", query(LINK) | {"until": "9" * 40}),
        ("harbour-vote", query(LINK) | {"until": "-1"}),
        ("harbour-vote", {"signature": query(LINK)["signature"]}),
        ("harbour-vote", {}),
        ("harbour\udc80", query(LINK)),
    ],
)
def test_nothing_else_holds(slug: str, changed: dict[str, str]) -> None:
    assert read_preview_link(slug, changed, TOKEN, NOW) is None


@given(st.integers(0, 255))
def test_a_signature_changed_by_one_bit_does_not_hold(bit: int) -> None:
    from base64 import urlsafe_b64decode, urlsafe_b64encode

    known = query(LINK)
    signature = bytearray(urlsafe_b64decode(known["signature"] + "="))
    signature[bit // 8] ^= 1 << bit % 8
    changed = known | {"signature": urlsafe_b64encode(bytes(signature)).decode().rstrip("=")}
    assert read_preview_link("harbour-vote", changed, TOKEN, NOW) is None


@given(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_two_links_never_have_one_signature(slug: str, of: str, other_slug: str, other_of: str) -> None:
    one, other = replace(LINK, slug=slug, of=of), replace(LINK, slug=other_slug, of=other_of)
    assert (query_or_none(one) == query_or_none(other)) == (one == other) or not query_or_none(one)


def query_or_none(link: PreviewLink) -> str | None:
    try:
        return query(link)["signature"]
    except UnicodeEncodeError:
        return None
