"""rss2email, subscribing to a served instance and mailing what is new to a real SMTP server: topics, and the daily digests.

Its From is what it makes of a feed's title and an entry's author, under the subscriber's own address.
"""

from __future__ import annotations

import email
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from html.parser import HTMLParser
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from werkzeug.serving import make_server

from feedsvc.settings import Settings
from feedsvc.web.app import create_app
from support.gazette import ANCHOR, ARTICLES, EDITED, HARBOUR, LICENCE, NEW, RENAMED, RETRACTED, TIDES, found, ids, wait
from support.live import SLOW, Newsroom, Service, free_port, until

READER, ROBOT = "ann@reader.example", "robot@reader.example"
SETTINGS = """[DEFAULT]
from = {robot}
to = {reader}
email-protocol = smtp
smtp-server = 127.0.0.1
smtp-port = {port}
date-header = True
html-mail = True
multipart-html = True
"""


@dataclass
class Letterbox:
    """An SMTP server's handler that keeps what it is sent."""

    messages: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert envelope.rcpt_tos == [READER]
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 OK"


@dataclass
class Rss2email:
    """One reader's rss2email, with its settings and what it has seen."""

    folder: Path
    port: int
    letterbox: Letterbox

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.settings.write_text(SETTINGS.format(robot=ROBOT, reader=READER, port=self.port))

    @property
    def settings(self) -> Path:
        return self.folder / "settings"

    def ask_for_replies(self, feed: str) -> None:
        """Sets that a changed entry of a feed is mailed as a reply to its first mail."""
        self.settings.write_text(self.settings.read_text().replace(f"[feed.{feed}]\n", f"[feed.{feed}]\nreply-changes = True\n"))

    def run(self, *words: str) -> list[EmailMessage]:
        """Runs one of its commands; the messages that it has sent."""
        self.letterbox.messages.clear()
        files = ("-c", str(self.settings), "-d", str(self.folder / "seen.json"))
        command = [sys.executable, "-m", "rss2email.main", *files, *words]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=SLOW)
        assert ended.returncode == 0, ended.stderr
        assert not [line for line in ended.stderr.splitlines() if "[WARNING]" in line or "[ERROR]" in line]
        return list(self.letterbox.messages)


@pytest.fixture
def rss2email(tmp_path: Path) -> Iterator[Rss2email]:
    letterbox = Letterbox()
    controller = Controller(letterbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield Rss2email(tmp_path / "rss2email", controller.port, letterbox)
    controller.stop()


class Markup(HTMLParser):
    """What there is of markup in a message: its elements, attributes and addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src")}


def parts(message: EmailMessage) -> tuple[str, str]:
    """A message's HTML, without the frame that rss2email puts around an entry's, and its text."""
    html, text = (message.get_body([kind]) for kind in ("html", "plain"))
    assert html is not None and text is not None
    return html.get_content().partition('<div class="body" id="body">')[2].partition('<div class="footer">')[0], text.get_content()


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_a_topic_is_mailed_once(printed: Service, rss2email: Rss2email, suffix: str) -> None:
    rss2email.run("add", "harbour", f"{printed.url}/feeds/harbour.{suffix}")
    messages = rss2email.run("run")
    for message, article in zip(messages, reversed(HARBOUR), strict=True):  # it mails the oldest first
        assert message["Subject"] == article.title
        name, address = parseaddr(message["From"])
        assert name.startswith("Harbour – The Quay Gazette: ") and name.endswith(article.authors) and address == ROBOT
        assert message["Date"].datetime.replace(tzinfo=UTC) == article.published
        assert message["X-RSS-ID"] == ids(printed)[article.title]
        assert message["X-RSS-URL"] == f"{printed.url}/articles/{article.slug}"
        html, text = parts(message)
        assert article.passage in html and article.passage in text
        markup = Markup(html)
        assert not markup.tags & {"script", "style"} and not markup.attributes & {"style", "class", "onclick"}
        assert all(address.startswith(("http://", "https://")) for address in markup.addresses)
    assert f'<a href="{printed.url}/articles/menu.html">' in parts(messages[0])[0]
    assert "Tea & cake < £3" in parts(messages[0])[1]
    assert rss2email.run("run") == []


def test_what_is_edited_renamed_or_taken_back_is_not_mailed_again(
    serve: Callable[..., Service], rss2email: Rss2email, tmp_path: Path
) -> None:
    found(tmp_path)
    service = serve("--interval", "3600").start()
    for suffix in ("rss", "atom"):
        rss2email.run("add", suffix, f"{service.url}/feeds/all.{suffix}")
    rss2email.ask_for_replies("atom")
    first = {(message["List-ID"], message["Subject"]): message["Message-ID"] for message in rss2email.run("run")}
    assert len(first) == 2 * len(ARTICLES)

    EDITED.save(tmp_path)
    (tmp_path / "articles" / ANCHOR.path).rename(tmp_path / "articles" / RENAMED.path)
    wait(service, TIDES, EDITED, RENAMED)
    # One mail for each id; whoever asks for replies to what changed gets one for the new text, and none for the new address.
    (reply,) = rss2email.run("run")
    assert (reply["Subject"], reply["In-Reply-To"]) == (EDITED.title, first["<atom.localhost>", LICENCE.title])
    assert EDITED.passage in parts(reply)[1]
    RETRACTED.save(tmp_path)
    wait(service, EDITED, RENAMED)
    assert rss2email.run("run") == []
    TIDES.save(tmp_path)
    NEW.save(tmp_path)
    wait(service, NEW, TIDES, EDITED, RENAMED)
    assert [message["Subject"] for message in rss2email.run("run")] == [NEW.title, NEW.title]


# ---- digests

MORNING = datetime(2026, 5, 21, 8, 30, tzinfo=UTC)  # half past nine in London, where the digest is made at six
FERRY = {"title": "Ferry & <tender> run later", "standfirst": "From June, the last boat leaves at eleven; 2 < 3.", "story": "Ferry"}
REGATTA = {"title": "Régate: “Heron” wins", "standfirst": "By a length & a half.", "claim": "reported"}


@contextmanager
def served(newsroom: Newsroom) -> Iterator[str]:
    """The URL at which a newsroom is served whose clock stands where the test puts it."""
    port = free_port()
    newsroom.public_url = f"http://127.0.0.1:{port}"
    newsroom.begin()
    app = create_app(Settings(database=newsroom.database, public_url=newsroom.public_url), newsroom.store, lambda: newsroom.now)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield newsroom.public_url
    finally:
        server.shutdown()
        thread.join(SLOW)
        server.server_close()


def publish(newsroom: Newsroom, url: str) -> None:
    """One build, until a reader gets it."""
    newsroom.build()
    bodies = {path: newsroom.body(path).encode() for path in ("/feeds/digest.rss", "/feeds/digest/harbour.atom")}
    until(lambda: all(_body(f"{url}{path}") == body for path, body in bodies.items()))


def _body(url: str) -> bytes | None:
    try:
        with urlopen(url, timeout=SLOW) as answer:  # noqa: S310  # our own address
            return answer.read()
    except HTTPError:
        return None


def test_a_digest_is_mailed_once_a_day(newsroom: Newsroom, rss2email: Rss2email) -> None:
    newsroom.now = MORNING
    newsroom.write("site.toml", '[site]\ntitle = "The Quay Gazette"\ntimezone = "Europe/London"\nlanguage = "en-GB"\n')
    newsroom.write("harbour/ferry.md", date="2026-05-20T15:00:00+01:00", **FERRY)
    newsroom.write("sport/regatta.md", date="2026-05-21T05:59:00+01:00", **REGATTA)
    newsroom.write("harbour/late.md", title="Not before tomorrow", date="2026-05-21T06:01:00+01:00")
    with served(newsroom) as url:
        publish(newsroom, url)
        rss2email.run("add", "daily", f"{url}/feeds/digest.rss")
        rss2email.run("add", "harbour", f"{url}/feeds/digest/harbour.atom")
        mails = {message["Subject"]: message for message in rss2email.run("run")}
        assert sorted(mails) == ["Harbour – The Quay Gazette: 21 May 2026", "The Quay Gazette: 21 May 2026"]
        daily, harbour = mails["The Quay Gazette: 21 May 2026"], mails["Harbour – The Quay Gazette: 21 May 2026"]
        for mail in (daily, harbour):
            assert "The Quay Gazette" in parseaddr(mail["From"])[0] and parseaddr(mail["From"])[1] == ROBOT
            assert mail["Date"].datetime.replace(tzinfo=UTC) == datetime(2026, 5, 21, 5, tzinfo=UTC)
            html, text = parts(mail)
            markup = Markup(html)
            assert markup.tags <= {"h2", "p", "a", "strong"} and markup.attributes == {"href"}
            assert all(address.startswith(f"{url}/") for address in markup.addresses)
            assert f"{url}/articles/ferry" in markup.addresses
            assert "Ferry &amp; &lt;tender&gt; run later" in html and "eleven; 2 &lt; 3." in html
            assert "Ferry & <tender> run later" in text and "eleven; 2 < 3." in " ".join(text.split())
            assert "Not before tomorrow" not in html
        assert "Régate: “Heron” wins" in parts(daily)[0] and "By a length &amp; a half." in parts(daily)[0]
        assert f"{url}/articles/regatta" in Markup(parts(daily)[0]).addresses
        assert "Reported:" in parts(daily)[1] and "Régate" not in parts(harbour)[0]
        assert rss2email.run("run") == []

        # Neither an edit nor a retraction is mailed: the entry is the same day's.
        newsroom.write("harbour/ferry.md", date="2026-05-20T15:00:00+01:00", **{**FERRY, "title": "Ferry runs no later"})
        newsroom.now += timedelta(hours=1)
        publish(newsroom, url)
        assert rss2email.run("run") == []
        newsroom.write("sport/regatta.md", date="2026-05-21T05:59:00+01:00", **REGATTA, retracted="It came second.")
        newsroom.now += timedelta(hours=1)
        publish(newsroom, url)
        assert rss2email.run("run") == []
        assert "Heron" not in newsroom.body("/feeds/digest.rss")

        # The next day's is, once, and has what came since.
        newsroom.now = MORNING + timedelta(days=1)
        publish(newsroom, url)
        mails = {message["Subject"]: message for message in rss2email.run("run")}
        assert sorted(mails) == ["Harbour – The Quay Gazette: 22 May 2026", "The Quay Gazette: 22 May 2026"]
        for mail in mails.values():
            assert "Not before tomorrow" in parts(mail)[1] and "Ferry" not in parts(mail)[1]
        newsroom.now += timedelta(hours=6)
        publish(newsroom, url)
        assert rss2email.run("run") == []


def test_a_real_service_has_a_digest_of_the_days_before(printed: Service, rss2email: Rss2email) -> None:
    rss2email.run("add", "daily", f"{printed.url}/feeds/digest.atom")
    messages = rss2email.run("run")
    for article in (ANCHOR, LICENCE):  # more than a day old: their hour has come, and not the same
        (mail,) = [mail for mail in messages if f"/articles/{article.slug}" in parts(mail)[0]]
        assert mail["Subject"].startswith("The Quay Gazette: ")
        assert article.keys["standfirst"] in " ".join(parts(mail)[1].split())
    assert len(messages) == len({mail["Subject"] for mail in messages}) >= 2
    assert rss2email.run("run") == []
