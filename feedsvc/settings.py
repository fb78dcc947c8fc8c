"""`Settings`: how the service runs. What the newsroom says of itself is in `site.toml` instead.

Every field has its help text. Its flag is its name with hyphens, its environment variable `FEEDSVC_` and its name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from feedsvc.errors import UsageError
from feedsvc.files import database_file
from feedsvc.text import is_web_url

ENVIRONMENT_PREFIX = "FEEDSVC_"
FEED_PASSWORD = "FEEDSVC_FEED_PASSWORD_"  # noqa: S105  and the feed's name in capitals, with underscores for hyphens
LEAST_PASSWORD, MOST_PASSWORD = 12, 200
MOST_WORKERS = 256
LOG_FORMATS = ("text", "json")
ROLES = ("all", "web", "builder")
DEFAULT_FOLDER = Path("var")
# What is allowed after "Bearer" (RFC 6750, 2.1), and is long enough not to be guessed.
TOKEN = r"[A-Za-z0-9._~+/-]{16,200}={0,2}"  # noqa: S105
WEBHOOK_SECRET, PURGE_TOKEN = "FEEDSVC_WEBHOOK_SECRET_", "FEEDSVC_PURGE_TOKEN_"
# Several secrets of a webhook sign together.
WEBHOOK_SECRET_PREFIX = "whsec_"  # noqa: S105
_SECRET = rf"{WEBHOOK_SECRET_PREFIX}[A-Za-z0-9+/]{{32,86}}={{0,2}}"  # 24 to 64 bytes as base64
_WEBHOOK_SECRETS = re.compile(rf"{_SECRET}(?: {_SECRET}){{0,3}}")
_PURGE_TOKEN = re.compile(r"[!-~]{8,500}")
# It is used in headers as it is: ASCII, and only scheme, host, port and path (RFC 3986, appendix A).
_PUBLIC_URL = re.compile(r"https?://[\w.:\[\]-]+(/[\w.~!$&'()*+,;=:@%/-]*)?", re.ASCII | re.IGNORECASE)


def _setting(default: Any, help: str, metavar: str) -> Any:
    return field(default=default, metadata={"help": help, "metavar": metavar})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one instance runs; checked when it is made.

    Raises `UsageError` for an impossible value.
    """

    articles: Path = _setting(Path("articles"), "The folder with the newsroom's articles.", "DIR")  # noqa: RUF009
    host: str = _setting("127.0.0.1", "The address to listen on.", "H")
    port: int = _setting(8000, "The port to listen on.", "P")
    workers: int = _setting(os.cpu_count() or 1, "Number of web workers. Default: one per core.", "N")
    public_url: str | None = _setting(
        None, "Where readers reach this service; every link is made from it. Default: the address listened on.", "URL"
    )
    database: str = _setting("sqlite:///var/feedsvc.db", "The database, as an SQLAlchemy URL.", "URL")
    role: str = _setting("all", "What this machine does: web serves, builder builds, all does both.", "ROLE")
    database_read: str | None = _setting(
        None, "The database from which web workers read, such as a replica that is near. Default: the database.", "URL"
    )
    database_listen: str | None = _setting(
        None, "The server itself, where the database is behind a pooler such as PgBouncer: to hear of publications.", "URL"
    )
    local_copy: Path | None = _setting(  # noqa: RUF009
        None, "The file in which this machine keeps what a server has published. Default: var/copy.db.", "FILE"
    )
    interval: float = _setting(60.0, "Seconds between full scans of the articles folder.", "SECONDS")
    revision: str | None = _setting(
        None, "The revision of the articles. Default: what their file .revision says, or the commit of a clone.", "TEXT"
    )
    log_format: str = _setting("text", "Format of the log: text, for people, or json, for programs.", "FORMAT")
    trusted_proxies: str = _setting(
        "127.0.0.0/8,::1/128",
        "Addresses or networks of trusted proxies, separated by commas.",
        "LIST",
    )
    connections_per_address: int = _setting(
        256, "How many connections one address may keep open, a proxy's apart; 0 for as many as there is room for.", "N"
    )
    surrogate_keys: bool = _setting(
        False, "Name the keys of each answer for caches that purge by them, in Surrogate-Key and Cache-Tag.", ""
    )
    private_targets: str = _setting(
        "", "Private addresses or networks that webhooks and purges may reach, separated by commas. Default: none.", "LIST"
    )
    # A secret has no flag: every process of a machine can read flags.
    status_token: str | None = field(default=None, repr=False)
    feed_passwords: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # by variable, without the prefix
    webhook_secrets: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # as these
    purge_tokens: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65535:
            raise UsageError(f"port {self.port} is not between 1 and 65535")
        if not 1 <= self.workers <= MOST_WORKERS:
            raise UsageError(f"workers {self.workers} is not between 1 and {MOST_WORKERS}")
        if self.log_format not in LOG_FORMATS:
            raise UsageError(f'log format "{self.log_format[:40]}" is not one of {", ".join(LOG_FORMATS)}')
        if self.role not in ROLES:
            raise UsageError(f'role "{self.role[:40]}" is not one of {", ".join(ROLES)}')
        if not 0.1 <= self.interval <= 86400:
            raise UsageError(f"interval {self.interval:g} is not between 0.1 and 86400 seconds")
        if self.connections_per_address < 0:
            raise UsageError(f"connections per address {self.connections_per_address} is less than 0")
        self._check_networks("trusted proxy", self.proxies)
        self._check_networks("private target", self.private_networks)
        if self.public_url is not None:
            self._check_public_url(self.public_url)
        if self.status_token is not None and not re.fullmatch(TOKEN, self.status_token):  # nor is this shown
            raise UsageError("status token is not 16 to 200 letters, digits or any of - . _ ~ + / and = at the end")
        self._check_database("database", self.database)
        if self.database_read is not None:
            self._check_database("database to read", self.database_read)
        if self.database_listen is not None:
            self._check_database("database to listen to", self.database_listen)
        for name, password in self.feed_passwords:
            if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD or not password.isprintable():
                raise UsageError(f"{FEED_PASSWORD}{name} is not {LEAST_PASSWORD} to {MOST_PASSWORD} characters that can be seen")
        for name, secret in self.webhook_secrets:
            if not _WEBHOOK_SECRETS.fullmatch(secret):
                form = f"{WEBHOOK_SECRET_PREFIX} and 24 to 64 bytes as base64, or several such with spaces between"
                raise UsageError(f"{WEBHOOK_SECRET}{name} is not {form}")
        for name, token in self.purge_tokens:
            if not _PURGE_TOKEN.fullmatch(token):
                raise UsageError(f"{PURGE_TOKEN}{name} is not 8 to 500 characters without white space")

    @staticmethod
    def _check_networks(what: str, networks: Iterable[str]) -> None:
        from ipaddress import ip_network  # most commands need it for this alone

        for network in networks:
            try:
                ip_network(network)
            except ValueError as error:
                raise UsageError(f'{what} "{network[:60]}" is no address, and no network such as 10.0.0.0/8') from error

    @staticmethod
    def _check_public_url(url: str) -> None:
        if not is_web_url(url) or not _PUBLIC_URL.fullmatch(url):
            raise UsageError(f'public URL "{url}" is not an http(s) address such as https://feeds.example')

    @staticmethod
    def _check_database(which: str, url: str) -> None:
        try:
            database_file(url)
        except ValueError as error:  # not shown, because it may contain a password
            raise UsageError(f"{which} is not a database URL such as sqlite:///var/feedsvc.db") from error

    @property
    def serves(self) -> bool:
        """Whether web workers run here."""
        return self.role != "builder"

    @property
    def builds(self) -> bool:
        """Whether a builder runs here, which needs the articles folder."""
        return self.role != "web"

    @property
    def proxies(self) -> tuple[str, ...]:
        """The trusted proxies one by one."""
        return _listed(self.trusted_proxies)

    @property
    def private_networks(self) -> tuple[str, ...]:
        """The private targets one by one."""
        return _listed(self.private_targets)

    @property
    def base_url(self) -> str:
        """The public URL without a slash at its end: the one given, else the address listened on."""
        return (self.public_url or self.listen_url).rstrip("/")

    @property
    def folder(self) -> Path:
        """The folder of the database's file, `var/` for a database on a server: the service keeps its other files there."""
        file = database_file(self.database)
        return file.parent if file else DEFAULT_FOLDER

    @property
    def copy_path(self) -> Path | None:
        """The file in which this machine keeps what is published, where its web workers read from a server."""
        if not self.serves or database_file(self.database_read or self.database):
            return None
        return self.local_copy or DEFAULT_FOLDER / "copy.db"

    @property
    def listen_url(self) -> str:
        """The address listened on, as a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def _listed(written: str) -> tuple[str, ...]:
    return tuple(filter(None, (one.strip() for one in written.split(","))))


def environment_name(setting: str) -> str:
    """The environment variable of a setting."""
    return ENVIRONMENT_PREFIX + setting.upper()


SETTINGS = {setting.name: setting for setting in fields(Settings) if setting.metadata}
SECRETS = ("status_token",)
# Settings of many secrets, whose environment variables begin alike.
NAMED_SECRETS = {"feed_passwords": FEED_PASSWORD, "webhook_secrets": WEBHOOK_SECRET, "purge_tokens": PURGE_TOKEN}
