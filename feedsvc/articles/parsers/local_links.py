"""Links between the files of the articles folder: pictures that a text shows, and other articles to which it leads. Pure.

Which of them are there, and where an article is read, only the builder knows. So each such address stands in the body as one of
this service's own, and `LocalLink` says of which files it may be; `articles.local_files` puts the right one in its place.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from urllib.parse import unquote

from feedsvc.articles.parsers.images import OTHER_PICTURES, PICTURE_SUFFIXES
from feedsvc.articles.parsers.links import Links, any_link, is_sound, web_link
from feedsvc.model.media_types import FILM, SOUND
from feedsvc.model.urls import Urls

MAX_LOCAL = 200  # addresses of files in one article
REFERENCE = "@ref/"  # begins the name of an article as a template tag gives it: with or without its folder and ending
ANYWHERE = "**/"  # before the name of a file that may lie in any folder
MARKDOWN = (".md", ".markdown", ".mdown", ".mdx")
_PAGES = (".html", ".htm")
_ENDINGS = (*MARKDOWN, *_PAGES, "/index.md", "/index.html")
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|www\.[^/.]+\.", re.IGNORECASE)
# Before an address: Pelican's names of what it leads to, and Zola's for the root of all content.
_MAKERS = re.compile(r"[{|](?:filename|static|attach|photo|article)[}|]|@(?=/)")
_PDF_SUFFIX = ".pdf"
_RECORDINGS = (*SOUND, *FILM)
_MOST_FOLDERS = 4


@dataclass(frozen=True, slots=True)
class LocalLink:
    """An address in a body that may be that of a file: a `picture` (or a PDF, to which links alone lead), a `recording`, or an
    article.

    `url` stands for it in the body, `files` are the paths at which it may lie, the likeliest first, and `otherwise` is the address
    where it lies at none of them, None where then it has none. `line` is where it is `written`.
    """

    url: str
    written: str
    picture: bool
    files: tuple[str, ...]
    otherwise: str | None = None
    fragment: str = ""
    line: int = 0
    recording: bool = False


class LocalLinks(Links):
    """What becomes of the addresses in the text of the article at `path`; `found` are those of files."""

    def __init__(self, path: str, base: str, addresses: Urls) -> None:
        super().__init__(base, addresses.site.url)
        self.addresses = addresses
        self.folder, slash, name = path.rpartition("/")
        self.own = f"{self.folder}{slash}{name.partition('.')[0]}"
        self.found: dict[str, LocalLink] = {}

    def href(self, written: str) -> str | None:
        """The address of a link, which may lead to another article, or to a picture or a PDF beside this one."""
        if is_sound(written):
            return written
        text = _without_maker(written)
        if text.startswith(REFERENCE):
            written = text.removeprefix(REFERENCE)
            name, fragment = _parted(written)
            return self._local(unquote(written), False, self._named(name), fragment)
        if not text or text.startswith(("#", "?")) or _ELSEWHERE.match(text):
            return self.kept(written, any_link(text, self.base))
        path, fragment = _parted(text)
        ending = path.lower()
        if ending.endswith(MARKDOWN):
            return self._local(written, False, self._paths(path), fragment)
        otherwise = any_link(text, self.base_of(text))
        if text.startswith("/"):
            return self.kept(written, otherwise)
        if ending.endswith(_PAGES):
            sources = (f"{posixpath.splitext(path)[0]}{suffix}" for suffix in MARKDOWN)
            files = (file for one in (path, *sources) for file in self._paths(one))
            return self._local(written, False, tuple(dict.fromkeys(files)), fragment, otherwise)
        if path and "." not in posixpath.basename(path.rstrip("/")) and otherwise:
            files = (f"{file}{suffix}" for file in self._paths(path.rstrip("/")) for suffix in _ENDINGS)
            return self._local(written, False, tuple(files), fragment, otherwise)
        if ending.endswith((*PICTURE_SUFFIXES, _PDF_SUFFIX)):
            return self._local(written, True, self._paths(path), "", otherwise if self._at_the_portal else None)
        if ending.endswith(_RECORDINGS):
            return self._local(written, True, self._paths(path), "", otherwise if self._at_the_portal else None, recording=True)
        return self.kept(written, otherwise)

    def src(self, written: str) -> str | None:
        """The address of a picture, which may lie beside the article, above it, or where the pictures of the portal lie."""
        text = _without_maker(written)
        if not text or _ELSEWHERE.match(text):
            return web_link(text, self.base)
        path, _ = _parted(text)
        root = self.addresses.site.media_root
        rooted, shown = text.startswith("/"), path.lower().endswith(PICTURE_SUFFIXES)
        if rooted and root and _ELSEWHERE.match(root):
            return web_link(root.rstrip("/") + text, self.base)
        otherwise = web_link(text, self.base_of(text))
        if rooted and (self.addresses.site.url or not shown) and not (root and shown):
            return otherwise
        if rooted:
            beside = f"{root.strip('/')}{path}" if root else path
            return self._local(written, True, self._inside(beside.lstrip("/"), ""), "", otherwise)
        if shown:
            return self._local(written, True, self._paths(path), "")
        if path.endswith(".*"):
            files = tuple(f"{file[:-2]}{ending}" for ending in PICTURE_SUFFIXES for file in self._paths(path))
            return self._local(written, True, files, "")
        if path.lower().endswith(OTHER_PICTURES) and not self._at_the_portal:
            return None
        return otherwise

    def with_lines(self, text: str, line: int, start: int) -> tuple[LocalLink, ...]:
        """What was found, each with the line at which `text` has it, which begins in `line`; else `start`."""
        return tuple(replace(one, line=line_of(one.written, text, line, start)) for one in self.found.values())

    @property
    def _at_the_portal(self) -> bool:
        """Whether articles are read at the portal, where more may lie beside them than here."""
        return self.addresses.site.article_url is not None

    def _local(
        self,
        written: str,
        picture: bool,
        files: tuple[str, ...],
        fragment: str,
        otherwise: str | None = None,
        *,
        recording: bool = False,
    ) -> str | None:
        if not files:
            if picture:
                return otherwise
            return self.kept(written, otherwise, "leads out of the articles folder")
        url = self.addresses.media(files[0]) + fragment
        if url not in self.found and len(self.found) >= MAX_LOCAL:
            return otherwise
        self.found.setdefault(url, LocalLink(url, written, picture, files, otherwise, fragment, recording=recording))
        return url

    def _paths(self, path: str) -> tuple[str, ...]:
        """Where a file may lie: from the article's folder, from a folder that is called as the article is, or from the root."""
        if not path.startswith("/"):
            return tuple(dict.fromkeys((*self._inside(path, self.folder), *self._inside(path, self.own))))
        parts = path.strip("/").split("/")
        tails = ("/".join(parts[at:]) for at in range(min(len(parts), _MOST_FOLDERS)))
        return tuple(dict.fromkeys(file for tail in tails for file in self._inside(tail, "")))

    def _named(self, name: str) -> tuple[str, ...]:
        """Where an article of a name may lie, as makers of sites look for it: in the same folder, then from the root."""
        bare = name.strip("/")
        places = (*(self._paths(bare) if not name.startswith("/") else ()), *self._paths(f"/{bare}"))
        places = (*places, *self._inside(f"_posts/{bare}", ""))
        anywhere = ANYWHERE + posixpath.basename(bare)
        if bare.lower().endswith((*MARKDOWN, *_PAGES)):
            return (*dict.fromkeys(places), anywhere)
        return (*dict.fromkeys(f"{place}{ending}" for place in dict.fromkeys(places) for ending in _ENDINGS), anywhere)

    @staticmethod
    def _inside(path: str, folder: str) -> tuple[str, ...]:
        """A path in the articles folder, if it is one."""
        file = posixpath.normpath(posixpath.join(folder, path))
        hidden = any(part.startswith(".") for part in file.split("/"))
        return (file,) if file.isprintable() and "\\" not in file and file[0] != "/" and not hidden else ()


def line_of(written: str, text: str, line: int, start: int) -> int:
    """The line of a text, which begins in `line`, that has an address as it is written; `start` where none has."""
    at = text.find(written) if written else -1
    at = text.find(unquote(written)) if at < 0 and "%" in written else at
    return line + text.count("\n", 0, at) if at >= 0 else start


def _without_maker(written: str) -> str:
    text = written.strip()
    if text[:1] not in ("{", "|", "%", "@"):
        return text
    plain = unquote(text) if text.startswith("%7") else text
    return plain[found.end() :] if (found := _MAKERS.match(plain)) else text


def _parted(text: str) -> tuple[str, str]:
    """The path that an address names, decoded, and its fragment with the sign before it."""
    rest, sign, fragment = text.partition("#")
    return unquote(rest.partition("?")[0]), sign + fragment


def is_pdf(path: str) -> bool:
    """Whether a file is named as a PDF."""
    return path.lower().endswith(_PDF_SUFFIX)
