"""`preview_routes`: what is not live yet, for who has the newsroom's token or a signed link; nothing of it is kept anywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from traceback import extract_tb
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from feedsvc.errors import StoreError, TokenError
from feedsvc.formats import preview
from feedsvc.formats.preview import Preview, Reader
from feedsvc.model.document import HTML, PDF
from feedsvc.model.file_copy import FileCopy, Part
from feedsvc.model.preview_link import DAY_HOURS, PREVIEWS, PreviewLink, read_preview_link
from feedsvc.status.token import StatusToken
from feedsvc.web.byte_ranges import Unsatisfiable, asked_for
from feedsvc.web.pieces import Pieces
from feedsvc.web.previews import Found, Previews
from feedsvc.web.private import CLOSED, LOGIN, PLAIN, private
from feedsvc.web.published import Published
from feedsvc.web.responses import METHODS, PAGE_POLICY
from feedsvc.web.status_routes import MOST_HEADER

MOST_TAG = 200
MOST_BYTES = 4_000_000  # of a recording in one answer
_ARTICLE_POLICY = PAGE_POLICY
for _directive, _digest in preview.BESIDES.items():
    _ARTICLE_POLICY = _ARTICLE_POLICY.replace(f"{_directive} 'self'", f"{_directive} 'self' {_digest}")


def preview_routes(published: Published, token: StatusToken) -> Blueprint:
    """The previews' routes. Whoever is not admitted learns nothing, for nothing is looked up before."""
    routes = Blueprint("preview", __name__)
    previews = Previews(published)
    read: dict[str, Any] = {"methods": METHODS.split(", "), "provide_automatic_options": False}

    @routes.before_request
    def ask() -> Response | None:
        g.link = None
        slug, signed = _slug(), "signature" in request.args
        try:
            if signed and slug is not None:
                g.link = read_preview_link(slug, request.args, token.read(), published.clock())
            elif token.admits(request.headers.get("Authorization", "")[:MOST_HEADER]):
                return None
        except TokenError as error:
            current_app.logger.error("%s", error)
            return _plain("previews are closed: the status token can't be read, and the log says why\n", 503)
        if g.link:
            return None
        if signed:
            return _plain("this link does not hold, or no longer; ask the newsroom for a new one\n", 403)
        refused = _plain("previews are for the newsroom: any user name, and the status token as the password\n", 401)
        refused.headers["WWW-Authenticate"] = LOGIN
        return refused

    @routes.route(PREVIEWS, strict_slashes=False, **read)
    def listing() -> Response:
        return shown(lambda: previews.listing(reader(None)), preview.LIST_POLICY)

    @routes.route(f"{PREVIEWS}<slug>", **read)
    def article(slug: str) -> Response:
        found = find(slug)
        if found is None:
            text = "There is no such article, or no build has read it yet."
            return _answer(preview.notice("No preview", text, published.addresses()), HTML, 404, preview.LIST_POLICY)
        if found.live_at:
            moved = _plain("It is published.\n", 302)
            moved.headers["Location"] = found.live_at
            return moved
        policy = _ARTICLE_POLICY if found.article else preview.LIST_POLICY
        return shown(lambda: previews.page(found, reader(found)), policy)

    @routes.route(f"{preview.HELD_PICTURES}<path:file>", **read)
    def picture(file: str) -> Response:
        link: PreviewLink | None = g.link
        found = previews.linked(link) if link else None
        held = None if link and found is None else previews.picture(file, found)
        if held is None:
            copy = None if link and found is None else previews.recording(file, found)
            return _part(copy, published) if copy else _plain("There is no such picture or recording.\n", 404)
        kind, body = held
        answered = _answer(body, kind, 200)
        if kind == PDF:
            answered.headers["Content-Disposition"] = "attachment"
        return answered

    def find(slug: str) -> Found | None:
        link: PreviewLink | None = g.link
        return previews.linked(link) if link else previews.called(slug)

    def reader(found: Found | None) -> Reader:
        link: PreviewLink | None = g.link
        if link:
            return Reader(until=link.until, query=f"{urlencode({'slug': link.slug})}&{link.query(token.read())}")
        now = published.clock()
        if found is None:
            return Reader(until=now + timedelta(hours=DAY_HOURS))
        made = PreviewLink.made(found.slug, found.of, now)
        return Reader(until=made.until, link=published.addresses().url(made.path(token.read())))

    def shown(make: Callable[[], Preview], policy: str) -> Response:
        """A page, or 304 for whoever has it: it is made anew only when something has been published since."""
        generation = published.store.generation()
        known = request.headers.get("If-None-Match", "")[:MOST_TAG].strip('"').partition("-")
        if known[0] == str(generation):
            return _unchanged(generation, known[2], policy)
        made = make()
        if known[2] == made.digest:
            return _unchanged(generation, made.digest, policy)
        answered = _answer(made.body, HTML, 200, policy)
        answered.headers["ETag"] = f'"{generation}-{made.digest}"'
        return answered

    @routes.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        if isinstance(error, StoreError):
            current_app.logger.error("%s", error)
            return _plain("the database can't be read just now\n", 503)
        if isinstance(error, HTTPException):
            return _plain(f"{error.name}\n", error.code or 500)
        # Neither the address nor what the error says, for either may have words of the article.
        where = [f"{frame.filename}:{frame.lineno}" for frame in extract_tb(error.__traceback__)]
        current_app.logger.error("a preview can't be made: %s in %s", type(error).__name__, ", ".join(where[-3:]))
        return _plain("this preview can't be made; the log says where it failed\n", 500)

    return routes


def _slug() -> str | None:
    """The slug for which a request may be signed: that of its address, or of the page on which a picture is; None for the list."""
    arguments = request.view_args or {}
    found = arguments.get("slug") or (request.args.get("slug") if "file" in arguments else None)
    return found if isinstance(found, str) else None


def _unchanged(generation: int, known: str, policy: str) -> Response:
    return Response(status=304, headers={**private(policy), "ETag": f'"{generation}-{known}"'})


def _part(copy: FileCopy, published: Published) -> Response:
    """As much of a recording as a player asks for, and fits into memory: it asks for the rest (RFC 9110, 15.3.7)."""
    try:
        span = asked_for(request.headers.get("Range", ""), copy.size)
    except Unsatisfiable:
        span = None
    if span is None and copy.size > MOST_BYTES:
        refused = _plain("A recording of this size is sent in parts.\n", 416)
        refused.headers["Content-Range"] = f"bytes */{copy.size}"
        return refused
    start, end = (span.start, min(span.end, span.start + MOST_BYTES)) if span else (0, copy.size)
    body = b"".join(Pieces(Part(copy.name, start, end), published.store.piece))
    answered = _answer(body, copy.type, 206 if span else 200)
    answered.headers["Accept-Ranges"] = "bytes"
    if span:
        answered.headers["Content-Range"] = f"bytes {start}-{end - 1}/{copy.size}"
    return answered


def _plain(text: str, status: int) -> Response:
    return _answer(text, PLAIN, status)


def _answer(body: str | bytes, content_type: str, status: int, policy: str = CLOSED) -> Response:
    return Response(body, status, private(policy), content_type=content_type)
