"""The template tags that are plain enough to be understood: films, pictures with a caption, and links to other articles. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from feedsvc.articles.parsers.local_links import MARKDOWN, REFERENCE

_WORD = re.compile(
    r"""(?:(?P<key>[A-Za-z][\w-]*)(?:\s*+=\s*+|:\s++))?(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|`(?P<back>[^`]*)`|(?P<bare>[^\s,|"']++))"""
)
_CALL = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\((?P<words>[^()]*)\)\s*")
_PLAYERS = {"youtube": "https://www.youtube.com/embed/", "vimeo": "https://player.vimeo.com/video/"}
_FILM_KEYS = ("id", "video_id", "videoid", "video", "v", "url", "link")
_FILM = re.compile(r"(?:.*(?:v=|youtu\.be/|/embed/|vimeo\.com/(?:video/)?))?(?P<id>[\w-]{3,64})(?:[?&#].*)?")
_PICTURES = frozenset({"figure", "img", "image", "asset_img", "imgproc", "picture", "fig"})
_PICTURE_KEYS = ("src", "image_path", "url", "path", "file", "image", "img", "filename", "source")
_ELSEWHERE = frozenset(
    {"tweet", "twitter", "x", "instagram", "gist", "mastodon", "bluesky", "embed", "oembed", "spotify", "soundcloud"}
)
# An attribute of MDX whose value is a text: in quotes, alone in braces, or in a call that only finds a file.
_PROP = re.compile(
    r"""(?P<key>[A-Za-z][\w-]*)=(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|\{\s*(?:(?:useBaseUrl|require)\(\s*)?["'`](?P<inside>[^"'`{}]*)["'`]\s*\)?(?:\.default)?\s*\})"""
)
_REFERENCES = frozenset({"ref", "relref", "post_url", "link"})
# What stands for the portal's own address, and what makes a path one of the portal's.
_ROOT = re.compile(
    r"(?:(?:site|config|site\.github|metadata|meta|env)\.)?(?:url|baseurl|base_url|siteurl)|root|rooturl", re.IGNORECASE
)
_PATH = re.compile(
    r"""["'](?P<path>[^"']*)["']\s*\|\s*(?:relative_url|absolute_url|url|(?:abs|rel)(?:lang)?url|prepend\b[^|]*)(?:\s*\|.*)?""",
    re.IGNORECASE,
)
_HUGO_PATH = re.compile(r"""(?:abs|rel)(?:lang)?url\s+["'](?P<path>[^"']*)["']""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """What a tag says after its name: by name, and in order where without one."""

    named: dict[str, str]
    plain: tuple[str, ...]

    @classmethod
    def of(cls, written: str) -> Words:
        """The words of a tag."""
        named: dict[str, str] = {}
        plain: list[str] = []
        for found in _WORD.finditer(written):
            value = next(value for value in (*found.group("double", "single", "back", "bare"), "") if value is not None)
            if found["key"]:
                named.setdefault(found["key"].lower(), value)
            else:
                plain.append(value)
        return cls(named, tuple(plain))

    def first(self, *keys: str) -> str:
        """The first of some that is given by name, "" if none is."""
        return next((self.named[key] for key in keys if self.named.get(key)), "")


def understood(name: str, written: str) -> str | None:
    """What a tag means, as Markdown and HTML; None where it is none of those that are known."""
    words, name = Words.of(written), name.lower()
    if name in ("include", "include_relative", "render", "partial") and words.plain:
        # A piece of the maker's own, which most often is called as what it shows.
        file = words.plain[0].lower()
        name = next((kind for kind in (*_PLAYERS, "figure", "image") if kind in file), "")
        words = Words(words.named, words.plain[1:])
    if name in _PLAYERS:
        return _film(name, words)
    if name == "imgproc" and words.plain and "." not in words.plain[0]:
        words = Words({**words.named, "src": f"{words.plain[0]}.*"}, ())  # Docsy names a picture of the bundle by its beginning
    if name in _PICTURES:
        return _picture(name, words)
    if name in _ELSEWHERE:
        return _elsewhere(name, words)
    if name in _REFERENCES or name == "post_link":
        return _reference(name, words)
    return None


def put_out(written: str) -> str | None:
    """What an expression that is put out means where that is known: the portal's own address, or a path at the portal."""
    text = written.strip().strip("-").strip()
    if _ROOT.fullmatch(text):
        return ""
    if found := _PATH.fullmatch(text) or _HUGO_PATH.fullmatch(text):
        path = found["path"]
        return quote(path if path.startswith(("/", "http://", "https://")) else f"/{path}", safe="/:?&=#%+,;@~!$")
    if call := _CALL.fullmatch(text):
        if call["name"] == "get_url" and (path := Words.of(call["words"]).first("path")):
            return quote(path if path.startswith("@") else f"/{path.lstrip('/')}", safe="/@#%")
        return understood(call["name"], call["words"])
    return None


def _film(name: str, words: Words) -> str | None:
    given = words.first(*_FILM_KEYS) or next(iter(words.plain), "")
    found = _FILM.fullmatch(given.strip())
    if found is None:
        return None
    title = escape(words.first("title", "caption", "label"))
    return f'<iframe src="{_PLAYERS[name]}{found["id"]}" title="{title}"></iframe>'


def _picture(name: str, words: Words) -> str | None:
    plain = list(words.plain)
    src = words.first(*_PICTURE_KEYS)
    if not src:
        src = next((one for one in plain if re.search(r"\.\w{3,4}(?:\?.*)?\Z", one)), "")
        plain = plain[plain.index(src) + 1 :] if src else []
        plain = [one for one in plain if not one.isdigit()]
    if not src or "{{" in src:
        return None
    title = words.first("title") or (plain[0] if plain else "")
    alt = words.first("alt", "image_alt") or (plain[1] if len(plain) > 1 else "")
    caption = words.first("caption", "image_caption", "attr") or (title if name == "figure" else "")
    image = f'<img src="{escape(src)}" alt="{escape(alt or title)}">'
    if caption:
        return f"<figure>{image}<figcaption>{escape(caption, quote=False)}</figcaption></figure>"
    return image


def _elsewhere(name: str, words: Words) -> str | None:
    """A frame, which becomes a link, in the place of a message, a piece of code or a player that a page would show."""
    given = words.first("id", "url", "src") or next(iter(words.plain), "")
    if given.startswith(("https://", "http://")):
        url = given
    elif name == "gist" and given:
        url = "https://gist.github.com/" + "/".join(words.plain[:2] if "/" not in given else [given])
    elif name == "instagram" and given:
        url = f"https://www.instagram.com/p/{given}/"
    elif name in ("tweet", "twitter", "x") and given:
        url = f"https://x.com/{words.first('user') or 'i'}/status/{given}"
    else:
        return None
    return f'<iframe src="{escape(url)}" title=""></iframe>'


def component(name: str, written: str, closing: bool) -> str:
    """What a component of MDX leaves in a text: a film, a picture, or an element with the attributes that are texts."""
    props: dict[str, str] = {}
    for found in _PROP.finditer(written):
        props[found["key"]] = next(value for value in (*found.group("double", "single", "inside"), "") if value is not None)
    words = Words({key.lower(): value for key, value in props.items()}, ())
    lower = name.lower()
    if name[0].isupper():
        kind = "youtube" if "youtube" in lower else "vimeo" if "vimeo" in lower else ""
        if closing or not (kind or lower in ("image", "img", "figure")):
            return ""
        return (_film(kind, words) if kind else _picture(lower, words)) or ""
    given = "".join(f' {key}="{escape(value)}"' for key, value in props.items())
    alone = written.rstrip().endswith("/") and name in ("iframe", "video", "audio")
    return f"<{'/' if closing else ''}{name}{given}>" + (f"</{name}>" if alone else "")


def _reference(name: str, words: Words) -> str | None:
    given = words.first("path") or next(iter(words.plain), "")
    if not given:
        return None
    place = quote(given, safe="/#%")
    if name == "link" and not given.lower().partition("#")[0].endswith((*MARKDOWN, ".html")):
        return place if place.startswith("/") else f"/{place}"
    if name == "post_link":
        return f"[{' '.join(words.plain[1:]) or given}]({REFERENCE}{place})"
    return f"{REFERENCE}{place}"
