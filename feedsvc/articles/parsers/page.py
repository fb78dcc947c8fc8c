"""Raw portal pages: an article as plain text, as it is copied from the portal's own page. Pure.

In order: the portal's lines, title, standfirst, key points, paragraphs, `Why this matters:`, `What this means for you:`, the
newsletter's lines. Each part but the title and the body may be missing; what has no place stays in the body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from feedsvc.articles.parsers.faults import Faults, quoted
from feedsvc.articles.parsers.parts import MAX_PASSAGE, Parts
from feedsvc.kinds import Kind
from feedsvc.model.site import Site
from feedsvc.text import one_line

# Pages come with the portal's lines around the article, and a newsroom imports them before it has written a site.toml:
# so the portal's own are known here, beside the site's title, tagline and links.
_LOADING = "Loading latest headlines"
_PORTAL = ("Facebook", "Britain's News Portal", "Around The Clock", "BREAKING", f"{_LOADING}…", f"{_LOADING}...")
_NEWSLETTER = "Get the news that matters."
_INVITATION = re.compile(r"Join thousands of readers\b.*")
_INBOX = re.compile(r".*\binbox[.!]?")
_LABEL = re.compile(r"(?:(?:(?P<why>why this matters)|what this means for you)\s*:\s*)+", re.IGNORECASE)
_POINT = re.compile(r"\s*•\s*")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A paragraph, a point of a list, or a paragraph under a label; `line` is where it starts in the text, from 0."""

    line: int
    text: str
    kind: str  # "paragraph", "point", "why" or "what"


def read_page(text: str, line: int, front: Mapping[str, Any], site: Site, faults: Faults) -> Parts:
    """An article's parts from a raw portal page; what the front matter gives, `front`, wins over the text."""
    lines = text.split("\n")
    first, last, framed = _frame(lines, site)
    pieces = _pieces(lines[:last], first, alone="title" not in front)
    title = _title(pieces, front, framed)
    if title:
        pieces = pieces[1:]
        if front.get("title", title.text) != title.text:
            reason = f"the title {quoted(title.text)} is ignored: the front matter has another"
            faults.warn(Kind.OTHER_TITLE, line + title.line, reason)
    labelled, rest = _labelled(pieces)
    standfirst, points, body = _opening(rest, front)
    start = body[0].line if body else first
    return Parts(
        html=_html(body),
        line=line + start,
        title=title.text if title else "",
        title_line=line + (title.line if title else first),
        standfirst=standfirst,
        key_points=points,
        why_it_matters=labelled.get("why", ""),
        what_it_means=labelled.get("what", ""),
    )


def _frame(lines: Sequence[str], site: Site) -> tuple[int, int, bool]:
    """Where the article starts and ends among the portal's lines, and whether there are any above it."""
    known = {_plain(name) for name in (*_PORTAL, site.title, site.tagline, *(name for name, _ in site.links))}
    above, below = set(known), known | {_NEWSLETTER}
    first, last = 0, len(lines)
    while first < last and (not lines[first].strip() or _plain(lines[first]) in above):
        above.discard(_plain(lines[first]))  # once each: the same line again is the article's
        first += 1
    while last > first and (not lines[last - 1].strip() or _plain(lines[last - 1]) in below or _invites(lines, last - 1)):
        last -= 1
    return first, last, any(line.strip() for line in lines[:first])


def _invites(lines: Sequence[str], at: int) -> bool:
    if not _INVITATION.fullmatch(_plain(lines[at])):
        return False
    before = next((line for line in reversed(lines[:at]) if line.strip()), "")
    return _plain(before) == _NEWSLETTER or _INBOX.fullmatch(_plain(lines[at])) is not None


def _plain(line: str) -> str:
    return line.strip().replace("’", "'")


def _pieces(lines: Sequence[str], first: int, alone: bool) -> list[_Piece]:
    """The text's pieces from a line on: an empty line, a point and a label each end the piece before, and where the first line
    stands `alone` it is one too."""
    gathered: list[tuple[int, list[str], str]] = []
    open_piece = False
    for number, line in enumerate(lines[first:], first):
        said = line.strip()
        point = _POINT.match(line) if said[:1] == "•" else None
        label = _LABEL.match(said) if said[:1] in "Ww" else None
        if not said:
            open_piece = False
        elif point:
            gathered.append((number, [line[point.end() :]], "point"))
            open_piece = True
        elif label:
            gathered.append((number, [line], "why" if label["why"] else "what"))
            open_piece = True
        elif open_piece and len(gathered) > alone and (gathered[-1][2] != "point" or line[0].isspace()):
            gathered[-1][1].append(line)
        else:
            gathered.append((number, [line], "paragraph"))
            open_piece = True
    pieces = [_Piece(number, one_line(" ".join(parts)), kind) for number, parts, kind in gathered]
    return [piece for piece in pieces if piece.text]


def _labelled(pieces: Sequence[_Piece]) -> tuple[Mapping[str, str], Sequence[_Piece]]:
    """What stands under each label for the first time, and all else; a label on a line of its own takes the paragraph below."""
    labelled: dict[str, str] = {}
    rest: list[_Piece] = []
    waiting = ""
    for piece in pieces:
        label = _LABEL.match(piece.text) if piece.kind in ("why", "what") else None
        said = piece.text[label.end() :] if label else piece.text
        if label and piece.kind not in labelled:
            labelled[piece.kind] = said
            waiting = "" if said else piece.kind
        elif waiting and piece.kind == "paragraph":
            labelled[waiting], waiting = said, ""
        else:
            rest.append(piece)
            waiting = ""
    return labelled, rest


def _title(pieces: Sequence[_Piece], front: Mapping[str, Any], framed: bool) -> _Piece | None:
    """The piece that is the text's own title.

    Where the front matter gives one, the text need not: it has one all the same if the portal's lines stood above it, if it says
    the same, or if a standfirst and key points follow.
    """
    if not pieces or pieces[0].kind != "paragraph":
        return None
    shaped = [piece.kind for piece in pieces[1:3]] == ["paragraph", "point"]
    return pieces[0] if "title" not in front or framed or shaped or pieces[0].text == front["title"] else None


def _opening(pieces: Sequence[_Piece], front: Mapping[str, Any]) -> tuple[str, tuple[str, ...], Sequence[_Piece]]:
    """The standfirst, the key points and the body."""
    kinds = [piece.kind for piece in pieces[:2]]
    leads = kinds[:1] == ["paragraph"] and len(pieces[0].text) <= MAX_PASSAGE
    pointed = kinds[:1] == ["point"] or (leads and kinds[1:] == ["point"])
    said_already = leads and pieces[0].text == front.get("standfirst")
    # Where neither key points nor the front matter tell, the first of several paragraphs is the standfirst.
    start = int(leads and (pointed or said_already or (len(pieces) > 1 and "standfirst" not in front)))
    end = start
    while pointed and end < len(pieces) and pieces[end].kind == "point":
        end += 1
    return "".join(piece.text for piece in pieces[:start]), tuple(piece.text for piece in pieces[start:end]), pieces[end:]


def _html(pieces: Sequence[_Piece]) -> str:
    out: list[str] = []
    for at, piece in enumerate(pieces):
        if piece.kind != "point":
            out.append(f"<p>{escape(piece.text, quote=False)}</p>")
            continue
        opens = at == 0 or pieces[at - 1].kind != "point"
        closes = at + 1 == len(pieces) or pieces[at + 1].kind != "point"
        out.append(f"{'<ul>' if opens else ''}<li>{escape(piece.text, quote=False)}</li>{'</ul>' if closes else ''}")
    return "\n".join(out)
