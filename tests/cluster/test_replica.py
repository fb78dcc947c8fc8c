"""Web machines that read from a replica: their answers are those of the machines beside the database."""

from __future__ import annotations

from pathlib import Path

from werkzeug.test import Client, TestResponse

from cluster.machine import Machine
from cluster.servers import primary_and_standby
from cluster.web import web
from support.live import save, until

AUTHORS = ("/authors/ada-keel", "/feeds/author/ada-keel.atom")
PATHS = ("/feeds/all.json", "/feeds/harbour.rss", "/articles/tide", "/articles/rain", "/articles/fog", "/sitemap.xml", *AUTHORS)


def shown(client: Client, path: str) -> tuple[object, ...]:
    answer: TestResponse = client.get(path)
    return answer.status_code, answer.headers.get("ETag"), answer.headers.get("Last-Modified"), answer.data


def test_answers_are_the_same_beside_a_replica(tmp_path: Path) -> None:
    with primary_and_standby() as (first, second, _):
        builder = Machine(tmp_path / "builder", first.url, interval=0.5)
        for name in ("tide", "rain"):
            save(builder.folder, f"harbour/{name}.md", f"The {name}", author="Ada Keel")
        builder.start()
        until(lambda: builder.store.generation())
        with web(tmp_path / "near.db", first.url) as near, web(tmp_path / "far.db", first.url, second.url) as far:
            try:
                until(lambda: far.get("/feeds/all.json").status_code == near.get("/feeds/all.json").status_code == 200)
                # The page that is asked for beside the replica first is stored by nobody, the other one by the machine that may.
                assert far.get("/articles/rain").status_code == near.get("/articles/tide").status_code == 200
                until(lambda: all(shown(near, path) == shown(far, path) for path in PATHS))
                generation = builder.store.generation()
                save(builder.folder, "harbour/rain.md", "The rain, corrected")
                save(builder.folder, "harbour/tide.md", "The tide", retracted="It did not come.")
                save(builder.folder, "harbour/fog.md", "Fog")
                until(lambda: builder.store.generation() > generation and far.get("/articles/fog").status_code == 200)
                until(lambda: far.get("/articles/tide").status_code == near.get("/articles/tide").status_code == 410)
                assert "corrected" in near.get("/articles/rain").text
                until(lambda: all(shown(near, path) == shown(far, path) for path in PATHS))
                assert far.get("/articles/fog").status_code == 200
                second.stop()  # and what was published is still served
                assert far.get("/feeds/harbour.atom").status_code == 200
                assert far.get("/articles/never-asked-for").status_code == 503
            finally:
                builder.stop()
