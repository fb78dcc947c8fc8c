"""The app under other people's servers: gunicorn, Flask's own, and the reference checker of WSGI."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from wsgiref.validate import validator

from werkzeug.test import Client

from feedsvc.settings import Settings
from feedsvc.web.app import create_app
from support.live import SLOW, Newsroom, Service, save, until

GUNICORN = (sys.executable, "-m", "gunicorn", "-b", "127.0.0.1:{port}")
WSGI = Path(__file__).parent.parent.parent / "wsgi.py"


def newsroom_of(service: Service) -> Path:
    """A newsroom's folder beside a copy of `wsgi.py`, with one article in it."""
    shutil.copy(WSGI, service.folder)
    file = service.folder / "articles/sport/win.md"
    file.parent.mkdir(parents=True)
    file.write_text("---\ntitle: Town win\ndate: 2026-05-20T09:30:00Z\n---\nIt rained.\n")
    return file


def test_three_gunicorn_workers_build_in_one_process_only(services: Callable[..., Service]) -> None:
    service = services(*GUNICORN, "-w", "3", "wsgi:app")
    newsroom_of(service)
    service.start()
    # A worker starts its builder with its first request, and each request comes to another worker, sooner or later.
    until(lambda: service.get("/healthz").status == 200 and service.log.count("another process builds") == 2)
    assert service.log.count("built generation=") == 1
    # At once: a busy machine may build while a file that is written in place is still empty.
    save(service.folder, "sport/win.md", "Town win again")
    # Every worker serves the new one: each answer in a row is another worker's, sooner or later.
    until(lambda: all("Town win again" in service.get("/feeds/all.rss").text for _ in range(12)))
    assert service.log.count("built generation=") == 2, service.log
    assert service.stop() == 0


def test_a_preloaded_app_lives_through_the_fork(services: Callable[..., Service]) -> None:
    service = services(*GUNICORN, "--preload", "-w", "2", "wsgi:app")
    file = newsroom_of(service)
    service.start()
    file.write_text("---\ntitle: Town win again\n---\nIt rained.\n")
    until(lambda: all("Town win again" in service.get("/feeds/all.rss").text for _ in range(8)))


def test_flask_run_serves_and_builds(services: Callable[..., Service]) -> None:
    service = services(sys.executable, "-m", "flask", "--app", "wsgi", "run", "--port", "{port}")
    newsroom_of(service)
    service.start()
    assert "Town win" in service.get("/feeds/all.rss").text


def test_what_is_wrong_ends_the_import_with_one_line(services: Callable[..., Service]) -> None:
    service = services(sys.executable, "-c", "import wsgi", FEEDSVC_PORT="none")
    newsroom_of(service)
    service.start(ready=False)
    assert service.process is not None and service.process.wait(SLOW) == 2
    assert len(service.log.splitlines()) == 1 and "FEEDSVC_PORT" in service.log


def test_every_answer_is_right_wsgi(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", title="Town win")
    app = create_app(Settings(database=newsroom.database, public_url=newsroom.public_url), newsroom.store)
    client = Client(validator(app))
    def status(path: str, **headers: str) -> int:
        with client.get(path, headers=headers) as answer:
            return answer.status_code

    assert status("/readyz") == status("/feeds/all.rss") == 503
    newsroom.build()
    until(lambda: status("/readyz") == 200)
    for path in ("/", "/feeds/all.rss", "/headlines.json", "/articles/win", "/articles/none", "/none", "/healthz"):
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "PATCH"):
            with client.open(path, method=method) as answer:
                assert answer.status_code in (200, 204, 404, 405), (method, path)
                etag = answer.headers.get("ETag")
            if method == "GET" and etag:
                assert status(path, **{"If-None-Match": etag}) == 304


def test_workers_asking_at_once_get_whole_answers(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", title="Town win 0")
    newsroom.build()
    app = create_app(Settings(database=newsroom.database, public_url=newsroom.public_url), newsroom.store)
    until(lambda: Client(app).get("/readyz").status_code == 200)
    over, wrong = threading.Event(), []

    def ask() -> None:
        client = Client(app)
        while not over.is_set():
            for path in ("/feeds/all.rss", "/articles/win"):
                answer = client.get(path)
                if answer.status_code != 200 or answer.headers["ETag"] is None or b"Town win" not in answer.data:
                    wrong.append((path, answer.status_code))

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(1, 10):
        newsroom.write("sport/win.md", title=f"Town win {number}")
        newsroom.build("sport/win.md")
    until(lambda: b"Town win 9" in Client(app).get("/articles/win").data)
    over.set()
    for thread in threads:
        thread.join(SLOW)
    assert wrong == []
