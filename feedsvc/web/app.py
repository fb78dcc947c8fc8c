"""The Flask app: everything that is not a published document. Articles' pages are made here when first asked for, and then kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from flask import Flask, Response, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from feedsvc.errors import StoreError
from feedsvc.formats.ticker_script import EMBED_PATH
from feedsvc.model.document import Document
from feedsvc.model.site import story_slug
from feedsvc.processes.counters import RequestCounters
from feedsvc.processes.notices import Notices
from feedsvc.settings import Settings
from feedsvc.status.collect import read_outages
from feedsvc.status.token import StatusToken
from feedsvc.storage.local_copy import LocalCopy
from feedsvc.storage.store import Store
from feedsvc.web.archive_feeds import ArchiveFeeds
from feedsvc.web.article_pages import ArticlePages
from feedsvc.web.author_pages import AuthorPages
from feedsvc.web.cache import DocumentCache, Keep
from feedsvc.web.feed_passwords import FeedPasswords
from feedsvc.web.follower import Follower
from feedsvc.web.page_writer import PageWriter
from feedsvc.web.preview_routes import preview_routes
from feedsvc.web.published import Published
from feedsvc.web.readiness import HEALTH, READY, Readiness
from feedsvc.web.redirects import Redirects
from feedsvc.web.responses import METHODS, PLAIN, RETRY_SECONDS, respond, status_line
from feedsvc.web.responses import Response as Answered
from feedsvc.web.serving_report import ServingReport
from feedsvc.web.status_routes import PATHS, status_routes
from feedsvc.web.ticker_frames import TickerFrames
from feedsvc.web.wsgi import GENERATION, WsgiApp, address

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_READ: dict[str, Any] = {"methods": METHODS.split(", "), "provide_automatic_options": False}
_ALWAYS = (HEALTH, READY, *PATHS)  # they answer before anything is published


class _Answer(Response):
    """An answer as it was made: Flask would give a type to a 204, and take Last-Modified from a 304."""

    default_mimetype = None

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        return self.headers


def create_app(
    settings: Settings,
    store: Store,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    counters: RequestCounters | None = None,
    notices: Notices | None = None,
    copy: LocalCopy | None = None,
    row: int = 0,
) -> WsgiApp:
    """The web side of one service, published documents included, for any WSGI server.

    `counters` has the counts of its answers, `notices` the problems of its processes, if they share them; `row` is its place there.
    With a `copy` of what is published, the store is asked for the rest only.
    """
    app = Flask("feedsvc", static_folder=None)
    app.url_map.merge_slashes = False
    near = copy.store if copy else store
    cache = DocumentCache(store, settings.base_url, near, PageWriter(near.keep).put, keyed=settings.surrogate_keys)
    database = copy.contact if copy else None
    readiness = Readiness(cache, lambda: read_outages(near, notices.notices() if notices else {}), database)
    published = Published(store, settings.base_url, clock, _page_keeper(settings, store, copy))
    authors = AuthorPages(published)
    articles, archives, embeds = ArticlePages(published), ArchiveFeeds(published), TickerFrames(cache, settings.base_url)
    token = StatusToken(settings)
    app.register_blueprint(status_routes(store, token, clock, lambda: cache.ready, counters, notices))
    app.register_blueprint(preview_routes(published, token))

    @app.before_request
    def admit() -> Response | None:
        method, path = request.environ["REQUEST_METHOD"], request.environ["PATH_INFO"]
        if method not in _READ["methods"]:
            raise MethodNotAllowed
        if method == "OPTIONS" and path in (*_ALWAYS, "*"):  # the asterisk is the whole service (RFC 9110, 9.3.7)
            return _Answer(status=204, headers=[("Allow", METHODS), ("X-Content-Type-Options", "nosniff")])
        if path.startswith("//"):
            raise NotFound  # Werkzeug would take them for one slash
        # Before the first build nothing is known to be missing.
        return None if cache.ready or path in _ALWAYS else _told("not published yet\n", 503)

    @app.route("/articles/<slug>", **_READ)
    def article(slug: str) -> Response:
        return made(articles.find(slug))

    @app.route("/authors/<author>", **_READ)
    def author_page(author: str) -> Response:
        return made(authors.find_page(author))

    @app.route("/authors/<author>/<month>", **_READ)
    def author_month(author: str, month: str) -> Response:
        return made(authors.find_month(author, month))

    @app.route("/feeds/author/<file>", **_READ)
    def author_feed(file: str) -> Response:
        return made(archives.find("author", file) or authors.find(file))  # there may be a topic of that name

    @app.route("/feeds/<topic>/<archive>", **_READ)
    def topic_archive(topic: str, archive: str) -> Response:
        return made(archives.find(topic, archive))

    @app.route("/topics/<topic>/<archive>", **_READ)
    def topic_month(topic: str, archive: str) -> Response:
        return made(archives.find_page(topic, archive))

    @app.route("/stories/<story>/<archive>", **_READ)
    def story_month(story: str, archive: str) -> Response:
        return made(archives.find_page(story_slug(story), archive))

    @app.route("/feeds/story/<story>/<archive>", **_READ)
    def story_archive(story: str, archive: str) -> Response:
        return made(archives.find(story_slug(story), archive))

    @app.route("/sitemap/<month>", **_READ)
    def month_sitemap(month: str) -> Response:
        return made(archives.sitemap(month))

    @app.route(EMBED_PATH, **_READ)
    def embed() -> Response:
        document = embeds.find(request.args)
        # In the place of a page that may not be framed, browsers show a notice of their own.
        return made(document) if document else _told("There is no such topic.\n", 404)

    def made(document: Document | None) -> Response:
        if document is not None:
            document = cache.named(document)
            path = address(request.environ["PATH_INFO"])
            asked = f"?{request.environ['QUERY_STRING']}" if path == EMBED_PATH else ""
            cache.put_made(path + asked, document, request.environ[GENERATION])
        return answer(document)

    def answer(document: Document | None) -> Response:
        if document is None:
            raise NotFound
        return as_it_is(respond(document, request.environ["REQUEST_METHOD"], request.environ))

    def as_it_is(answered: Answered) -> Response:
        # In a list, for of bare bytes Flask would count the length, which HEAD has not.
        return _Answer([answered.body], answered.status, answered.headers)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        if error.code == 404:
            return not_found()
        status = error.code or 500
        return _told(f"{status_line(status)}\n", status, **{"Allow": METHODS} if status == 405 else {})

    def found(path: str) -> Document | None:
        """What is published at a path, or made there when it is asked for."""
        folder, _, name = path.rpartition("/")
        make = {"/articles": articles.find, "/authors": authors.find_page, "/feeds/author": authors.find}.get(folder)
        return cache.find(path) or (make(unquote(name)) if make else None)

    redirects = Redirects(published, found)

    def not_found() -> Response:
        try:
            if redirect := redirects.find(address(request.environ["PATH_INFO"])):
                return made(redirect)
            return answer(cache.absent(address(request.environ["PATH_INFO"]), request.environ[GENERATION], published.absent))
        except StoreError as error:
            return unreadable(error)

    @app.errorhandler(StoreError)
    def unreadable(error: StoreError) -> Response:
        app.logger.error("%s", error)
        return _told("the database can't be read just now\n", 503)

    passwords = FeedPasswords(settings.feed_passwords)
    report = ServingReport(store, settings, notices, row)
    follower = Follower(copy, settings) if copy else None
    return WsgiApp(cache, readiness, passwords, _shielded(app.wsgi_app), app, report, follower)


def _page_keeper(settings: Settings, store: Store, copy: LocalCopy | None) -> Keep:
    """What keeps a page that was made on request: the database for all machines, and then the copy for this one.

    Only what is in the database is withdrawn by the builder, and so nothing else may be in the copy.
    """
    if settings.database_read:
        return lambda document, generation: None

    def keep(document: Document, generation: int) -> None:
        if store.keep(document, generation) and copy:
            copy.store.keep(document, generation)

    return PageWriter(keep).put


def _shielded(app: WSGIApplication) -> WSGIApplication:
    """Keeps the Host header from Flask, so that nothing it makes can name a host that a request chose, and Upgrade, which is not
    taken up (RFC 9110, 7.8)."""

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["HTTP_HOST"] = "feedsvc"
        environ.pop("HTTP_UPGRADE", None)
        return app(environ, start_response)

    return call


def _told(text: str | bytes, status: int = 200, content_type: str = PLAIN, **headers: str) -> Response:
    always = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store" if status >= 400 else "no-cache"}
    if status >= 400:
        always["Access-Control-Allow-Origin"] = "*"
    if status == 503:
        always["Retry-After"] = str(RETRY_SECONDS)
    return Response(text, status, always | headers, content_type=content_type)
