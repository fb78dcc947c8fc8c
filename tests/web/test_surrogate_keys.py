"""With --surrogate-keys every answer names its keys, and without it none does."""

from __future__ import annotations

from werkzeug.test import Client

from feedsvc.model.surrogate_keys import keys_of
from feedsvc.settings import Settings
from feedsvc.web.app import create_app
from support.live import Newsroom, until


def test_answers_name_their_keys_if_the_operator_wants_it(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", story="Cup")
    newsroom.write("sport/loss.md", slug="loss")
    newsroom.build()
    newsroom.write("sport/loss.md", slug="defeat")
    newsroom.build()
    made = ["/articles/win", "/articles/loss", "/feeds/sport/2026-05.atom", "/embed/ticker"]
    for keyed in (True, False):
        settings = Settings(database=newsroom.database, public_url=newsroom.public_url, surrogate_keys=keyed)
        client = Client(create_app(settings, newsroom.store, clock=lambda: newsroom.now))
        until(lambda client=client: client.get("/readyz").status_code == 200)
        for path in (*newsroom.store.paths(), *made):
            keys = list(keys_of(path)) if keyed else []
            for _ in range(2):  # made, and from memory
                answer = client.get(path)
                assert answer.status_code in (200, 301), path
                assert answer.headers.get("Surrogate-Key", "").split() == keys, path
                assert [tag for tag in answer.headers.get("Cache-Tag", "").split(",") if tag] == keys
            if answer.status_code == 200:
                unchanged = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
                assert unchanged.status_code == 304 and unchanged.headers.get("Surrogate-Key", "").split() == keys
        assert "Surrogate-Key" not in client.get("/nothing").headers
        assert "Surrogate-Key" not in client.get("/healthz").headers
