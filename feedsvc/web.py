"""The Flask app: what is no published document. Articles' pages are made here when first asked for, and then kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, redirect, request
from werkzeug.exceptions import HTTPException, ServiceUnavailable
from werkzeug.wrappers import Response as WerkzeugResponse

from feedsvc.archive_feeds import ArchiveFeeds
from feedsvc.article_pages import ArticlePages
from feedsvc.delivery import Delivery, Shelf
from feedsvc.document import HTML, PAGE_POLICY, Document, respond
from feedsvc.errors import StoreError
from feedsvc.formats import pages
from feedsvc.settings import Settings
from feedsvc.store import Store
from feedsvc.stored import Stored
from feedsvc.topics import story_slug

_READ: dict[str, Any] = {"methods": ["GET", "HEAD", "OPTIONS"], "provide_automatic_options": False}


def create_app(settings: Settings, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Flask:
    """The web side of one service, published documents included, for any WSGI server."""
    app = Flask("feedsvc", static_folder=None)
    shelf = Shelf(store, settings.base_url)
    stored = Stored(store, settings.base_url, clock)
    articles, archives = ArticlePages(stored), ArchiveFeeds(stored)

    @app.get("/healthz")
    def health() -> Response:
        return _plain("ok\n")

    @app.get("/readyz")
    def ready() -> Response:
        return _plain("ready\n") if shelf.ready else _plain("waiting for the first pressing\n", 503)

    @app.route("/articles/<slug>", **_READ)
    def article(slug: str) -> Response:
        if not shelf.ready:
            raise ServiceUnavailable
        document, moved = articles.find(slug)
        return _own(redirect(moved, 301)) if moved else answer(document)

    @app.route("/feeds/<topic>/<archive>", **_READ)
    def topic_archive(topic: str, archive: str) -> Response:
        return archive_of(topic, archive)

    @app.route("/feeds/story/<story>/<archive>", **_READ)
    def story_archive(story: str, archive: str) -> Response:
        return archive_of(story_slug(story), archive)

    def archive_of(slug: str, file: str) -> Response:
        if not shelf.ready:
            raise ServiceUnavailable
        return answer(archives.find(slug, file))

    def answer(document: Document | None) -> Response:
        if document is None:
            return not_found()
        made = respond(document, request.method, request.environ)
        return Response(made.body, made.status, made.headers)

    def not_found() -> Response:
        addresses = stored.addresses()
        response = Response(pages.not_found(addresses.site, addresses), 404, content_type=HTML)
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        if error.code == 404:
            # Before the first pressing nothing is known to be missing.
            return not_found() if shelf.ready else _plain("not published yet\n", 503)
        return _own(error.get_response())

    @app.errorhandler(StoreError)
    def unreadable(error: StoreError) -> Response:
        app.logger.error("%s", error)
        return _plain("the database can't be read just now\n", 503)

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cache-Control", "no-store" if response.status_code >= 400 else "no-cache")
        return response

    app.wsgi_app = Delivery(shelf, app.wsgi_app)  # type: ignore[method-assign]
    return app


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")


def _own(response: WerkzeugResponse) -> Response:
    return Response(response.get_data(), response.status, response.headers)
