"""`PreviewLink`: a link to the preview of one article, for people without the newsroom's token; it holds for a time, and is signed.

Pure: no I/O, no clock, no globals; `now` is passed in. A signature is HMAC-SHA256 (RFC 2104) under a key that is made from the
token, so that a new token ends all links, and nothing that is signed says anything about the token.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

DAY_HOURS = 24
MOST_HOURS = 30 * DAY_HOURS
PREVIEWS = "/preview/"
MOST_QUERY = 4_000
_MOMENT = re.compile(r"[0-9]{1,10}", re.ASCII)
_PURPOSE = b"feedsvc preview link 1"


def preview_path(slug: str) -> str:
    """The path of an article's preview."""
    return PREVIEWS + quote(slug)


@dataclass(frozen=True, slots=True)
class PreviewLink:
    """What is signed: the address, the id of the article or the path of a file that has none, and until when it holds."""

    slug: str
    of: str
    until: datetime

    @classmethod
    def made(cls, slug: str, of: str, now: datetime, hours: float = DAY_HOURS) -> PreviewLink:
        """A link that holds for so many hours."""
        return cls(slug, of, (now + timedelta(hours=hours)).replace(microsecond=0))

    def query(self, token: str) -> str:
        """Its query, signed."""
        return urlencode({"of": self.of, "until": int(self.until.timestamp()), "signature": self._signature(token)})

    def path(self, token: str) -> str:
        """Its path and query."""
        return f"{preview_path(self.slug)}?{self.query(token)}"

    def _signature(self, token: str) -> str:
        key = hmac.digest(token.encode(), _PURPOSE, "sha256")
        # Each part is quoted, so that no two links sign the same text.
        signed = urlencode((("slug", self.slug), ("of", self.of), ("until", int(self.until.timestamp()))))
        return urlsafe_b64encode(hmac.digest(key, signed.encode(), "sha256")).decode().rstrip("=")


def read_preview_link(slug: str, query: Mapping[str, str], token: str, now: datetime) -> PreviewLink | None:
    """The link that was followed; None where its signature does not hold, for whatever reason, or no longer."""
    of, until, signature = query.get("of", ""), query.get("until", ""), query.get("signature", "")
    if not _MOMENT.fullmatch(until) or not of or len(slug) + len(of) + len(signature) > MOST_QUERY:
        return None
    link = PreviewLink(slug, of, datetime.fromtimestamp(int(until), UTC))
    try:
        holds = hmac.compare_digest(link._signature(token).encode(), signature.encode())
    except UnicodeEncodeError:  # half a surrogate pair, which no link has
        return None
    return link if holds and now < link.until else None
