"""The peers of `delivery.py` as WSGI applications: the same feed, served in the ways that a newsroom would think of first.

Each is a factory for a server to call. `PUBLISHED` names the folder into which `feedsvc build --out` wrote every document.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

FEED = "/feeds/topic-00.rss"
HEADLINES = "/headlines/topic-00.json"
TYPES = {FEED: "application/rss+xml; charset=utf-8", HEADLINES: "application/json; charset=utf-8"}
ENTRIES = 30


def feedsvc() -> Callable[..., Iterable[bytes]]:
    """feedsvc's own application, without a builder beside it."""
    from feedsvc.settings import Settings
    from feedsvc.storage.store import Store
    from feedsvc.web.app import create_app

    settings = Settings(database=os.environ["DATABASE"], public_url=os.environ["PUBLIC_URL"])
    return create_app(settings, Store(settings.database))


def whitenoise() -> Callable[..., Iterable[bytes]]:
    """WhiteNoise over the published files, gzip beside them."""
    from whitenoise import WhiteNoise

    def missing(_: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        start_response("404 Not Found", [("Content-Length", "0")])
        return [b""]

    types = {Path(path).suffix: kind for path, kind in TYPES.items()}
    return WhiteNoise(missing, root=str(_published()), mimetypes=types)


def flask_bytes() -> Callable[..., Iterable[bytes]]:
    """A Flask view with ready-made bytes, that leaves validators to Werkzeug."""
    from flask import Flask, Response, abort, request

    app = Flask("flask_bytes", static_folder=None)
    plain = {path: (_published() / path[1:]).read_bytes() for path in TYPES}
    packed = {path: gzip.compress(body, mtime=0) for path, body in plain.items()}
    tags = {body: hashlib.sha256(body).hexdigest() for body in (*plain.values(), *packed.values())}

    @app.get("/<path:path>")
    def document(path: str) -> Response:
        kind = TYPES.get(f"/{path}") or abort(404)
        zipped = "gzip" in request.accept_encodings
        body = (packed if zipped else plain)[f"/{path}"]
        response = Response(body, content_type=kind, headers={"Vary": "Accept-Encoding", "Cache-Control": "max-age=60"})
        if zipped:
            response.headers["Content-Encoding"] = "gzip"
        response.set_etag(tags[body])
        return response.make_conditional(request)

    return app


def flask_feedgen() -> Callable[..., Iterable[bytes]]:
    """A Flask view that runs feedgen on each request."""
    from feedgen.feed import FeedGenerator
    from flask import Flask, Response

    app = Flask("flask_feedgen", static_folder=None)
    entries = _entries()

    @app.get(FEED)
    def feed() -> Response:
        made = FeedGenerator()
        made.title("The Benchmark")
        made.link(href="https://feeds.example/")
        made.description("Topic 00")
        for entry in entries:
            one = made.add_entry(order="append")
            one.id(entry["id"])
            one.title(entry["title"])
            one.link(href=entry["url"])
            one.description(entry.get("summary", ""))
            one.content(entry["content_html"], type="CDATA")
            one.author(name="The desk", email="desk@feeds.example")
            one.published(entry["date_published"])
        return Response(made.rss_str(), content_type=TYPES[FEED])

    return app


def django() -> Callable[..., Iterable[bytes]]:
    """Django's syndication framework over a list in memory."""
    import django
    from django.conf import settings

    settings.configure(
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["*"],
        MIDDLEWARE=["django.middleware.http.ConditionalGetMiddleware"],
        USE_TZ=True,
    )
    django.setup()
    from django.contrib.syndication.views import Feed
    from django.core.wsgi import get_wsgi_application
    from django.urls import path
    from django.utils import feedgenerator

    entries = _entries()

    class Topic(Feed):
        title, link, description = "The Benchmark", "https://feeds.example/", "Topic 00"
        feed_type = feedgenerator.Rss201rev2Feed

        def items(self) -> list[dict[str, Any]]:
            return entries

        def item_title(self, entry: dict[str, Any]) -> str:
            return str(entry["title"])

        def item_link(self, entry: dict[str, Any]) -> str:
            return str(entry["url"])

        def item_guid(self, entry: dict[str, Any]) -> str:
            return str(entry["id"])

        def item_description(self, entry: dict[str, Any]) -> str:
            return str(entry["content_html"])

        def item_pubdate(self, entry: dict[str, Any]) -> datetime:
            return datetime.fromisoformat(entry["date_published"])

    globals()["urlpatterns"] = [path(FEED[1:], Topic())]
    return get_wsgi_application()


def _published() -> Path:
    return Path(os.environ["PUBLISHED"])


def _entries() -> list[dict[str, Any]]:
    """The entries of the topic's feed, as its JSON Feed has them."""
    feed = json.loads((_published() / FEED[1:]).with_suffix(".json").read_bytes())
    return list(feed["items"][:ENTRIES])
