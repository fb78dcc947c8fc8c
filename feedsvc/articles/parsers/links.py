"""Links: addresses as people write them, made absolute and safe. Pure."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

from feedsvc.text import is_web_url

MAX_LINK = 2_000
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CONTACT = re.compile(r"(?:mailto|tel):[^\s\x00-\x1f]+", re.IGNORECASE)
# Most addresses are these: nothing in them needs mending, and finding that out otherwise takes longer than all else about them.
_SOUND = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?:/[A-Za-z0-9!$&'()*+,/:;=?@_~.#-]*)?")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# What may stand in a URL as it is (RFC 3986, 2.2 and 2.3) and "%", since people paste what is encoded already.
_AS_IT_IS = "!#$%&'()*+,/:;=?@[]~"


def web_link(written: str, base: str) -> str | None:
    """A written address as an absolute http or https URL (RFC 3986, 5), against `base` where it is relative; None for any other.

    An address without a scheme (`//host/x`) becomes https, since a feed's reader has no page to take the scheme from.
    """
    text = _CONTROL.sub("", written.strip())
    if not text or len(text) > MAX_LINK:
        return None
    if _SOUND.fullmatch(text):
        return text
    text = f"https:{text}" if text.startswith("//") else text
    try:
        # A scheme alone, as in `http:x`, would be joined by its path; no browser and no reader agree on what that means.
        url = _ascii(text if _SCHEME.match(text) else urljoin(base, text))
    except (ValueError, UnicodeError):
        return None
    return url if len(url) <= MAX_LINK and is_web_url(url) else None


def any_link(written: str, base: str) -> str | None:
    """What `web_link` takes, and addresses of mail (RFC 6068) and telephones (RFC 3966)."""
    text = written.strip()
    return quote(text, safe=_AS_IT_IS) if len(text) <= MAX_LINK and _CONTACT.fullmatch(text) else web_link(text, base)


def _ascii(url: str) -> str:
    """A URL with its host in ASCII (RFC 3490) and everything else percent-encoded (RFC 3987, 3.1)."""
    parts = urlsplit(url)
    place = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode("ascii")
    parts = parts._replace(scheme=parts.scheme.lower(), netloc=place)
    if not _HOST.fullmatch(parts.hostname or ""):
        raise ValueError(f"no host is named {parts.hostname!r}")
    return quote(parts.geturl(), safe=_AS_IT_IS)
