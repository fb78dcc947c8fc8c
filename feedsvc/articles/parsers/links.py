"""Links: addresses as people write them, made absolute and safe. Pure."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, unquote, urljoin, urlsplit

from feedsvc.articles.parsers.faults import quoted
from feedsvc.kinds import Kind
from feedsvc.text import is_web_url

MAX_LINK = 2_000
MAX_LOST = 20
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SCRIPT = re.compile(r"\s*(?:javascript|vbscript):", re.IGNORECASE)  # the page's own, which goes like all scripts
_CONTACT = re.compile(r"(?:mailto|tel):[^\s\x00-\x1f]+", re.IGNORECASE)
# Most addresses are these: nothing in them needs mending, and finding that out otherwise takes longer than all else about them.
_SOUND = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?:/[A-Za-z0-9!$&'()*+,/:;=?@_~.#-]*)?")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")
# Letters that have a name of their own in the hosts of today, and had none in those of RFC 3490.
_DEVIATING = frozenset("\xdf\u03c2\u200c\u200d")
_IN_NO_HOST = frozenset("/?#@:[]\\")
_NO_SCHEME = re.compile(r"www\.[^\s/.]+\.[^\s/]", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# What may stand in a URL as it is (RFC 3986, 2.2 and 2.3) and "%", since people paste what is encoded already.
_AS_IT_IS = "!#$%&'()*+,/:;=?@[]~"


def is_sound(written: str) -> bool:
    """Whether an address is absolute and needs no change."""
    return len(written) <= MAX_LINK and _SOUND.fullmatch(written) is not None


def web_link(written: str, base: str) -> str | None:
    """A written address as an absolute http or https URL (RFC 3986, 5), against `base` where it is relative; None for any other.

    An address without a scheme (`//host/x`, `www.host.example`) becomes https, since a feed's reader has no page to take the
    scheme from.
    """
    if is_sound(written):
        return written
    text = _CONTROL.sub("", written.strip())
    if not text or len(text) > MAX_LINK:
        return None
    if is_sound(text):
        return text
    if text.startswith("//"):
        text = f"https:{text}"
    elif _NO_SCHEME.match(text):
        text = f"https://{text}"
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
    """A URL with its host in ASCII and everything else percent-encoded (RFC 3987, 3.1)."""
    parts = urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    if "%" in place or not place.isascii():
        name, colon, port = place.partition(":")
        name = unquote(name, errors="strict")  # Markdown has percent-encoded it (WHATWG URL, 3.5)
        if not _IN_NO_HOST.isdisjoint(name):
            raise ValueError(f"no host is named {name!r}")
        place = ".".join(_label(label) for label in _DOTS.split(name)) + colon + port
    parts = parts._replace(scheme=parts.scheme.lower(), netloc=user + at + place)
    if not _HOST.fullmatch(parts.hostname or ""):
        raise ValueError(f"no host is named {parts.hostname!r}")
    return quote(parts.geturl(), safe=_AS_IT_IS)


def _label(label: str) -> str:
    """A part of a host's name in ASCII (RFC 3490; UTS 46 for what that would make another name of)."""
    if label.isascii():
        return label
    if not _DEVIATING.isdisjoint(label):
        spelled = unicodedata.normalize("NFKC", label.lower())
        return f"xn--{spelled.encode('punycode').decode('ascii')}"
    return label.encode("idna").decode("ascii")


class Links:
    """What becomes of the addresses in one text: absolute against `base`, or nothing.

    `root` is what an address is relative to that starts with a slash: the portal, where that is known. `lost` are what could not
    be kept and why, by how it is written.
    """

    def __init__(self, base: str, root: str | None = None) -> None:
        self.base = base
        self.root = root or base
        self.lost: dict[str, tuple[Kind, str]] = {}

    def href(self, written: str) -> str | None:
        """The address of a link; None where it leads nowhere."""
        return self.kept(written, any_link(written, self.base_of(written)))

    def src(self, written: str) -> str | None:
        """The address of a picture; None where it shows nothing."""
        return web_link(written, self.base_of(written))

    def base_of(self, written: str) -> str:
        """What an address is relative to."""
        return self.root if written.lstrip().startswith("/") else self.base

    def place(self, written: str, fragment: str | None) -> str | None:
        """The address of a place in the text itself; None where there is no such place."""
        url = web_link(f"#{fragment}", self.base) if fragment else None
        return self.kept(written, url, "leads to no heading or other place in the text")

    def unseen(self, written: str) -> None:
        """Notes that a picture is not shown."""
        self._lose(Kind.PICTURE, written, f"the picture {quoted(written)} is left out, since that is no address that can be shown")

    def leave_out(self, element: str) -> None:
        """Notes that an element is not shown."""
        self._lose(Kind.HIDDEN_TEXT, f"<{element}", f"what <{element}> shows is left out, since no feed can hold it")

    def embedded(self, element: str, written: str, url: str) -> None:
        """Notes that an element became a link."""
        place = f"of {urlsplit(url).hostname}" if "//" in written else f"at {quoted(written)}"
        self._lose(Kind.EMBED, written, f"what <{element}> shows {place} is a link now, since no feed can hold it")

    def keep_quote(self, url: str) -> None:
        """Notes that a message of somebody else stays a quote with a link."""
        reason = f"the message of {urlsplit(url).hostname} stays a quote with a link, since no feed can hold more of it"
        self._lose(Kind.EMBED, url, reason)

    def kept(self, written: str, url: str | None, reason: str = "is not an address that can be followed") -> str | None:
        """The address as it is; where there is none, that is noted, unless it is a script."""
        if url is None and written.strip() and not _SCRIPT.match(written):
            self._lose(Kind.LINK, written, f"the link {quoted(written)} {reason}, so its words stand alone")
        return url

    def _lose(self, kind: Kind, written: str, reason: str) -> None:
        if len(self.lost) < MAX_LOST:
            self.lost.setdefault(written, (kind, reason))
