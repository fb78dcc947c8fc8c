"""`Poller`: one reader, on a raw socket: it asks, takes what comes byte by byte, and says whether all of it came."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from support.live import SLOW


@dataclass(frozen=True)
class Answered:
    """A response that came whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Torn(Exception):
    """The connection ended before a response was whole; `begun` where some of it had come."""

    def __init__(self, begun: bool) -> None:
        super().__init__(begun)
        self.begun = begun


class Poller:
    """A kept connection to a port of this machine, opened when first needed and after it was ended."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: socket.socket | None = None
        self._received = b""

    @property
    def connected(self) -> bool:
        return self._connection is not None

    def close(self) -> None:
        """Hangs up."""
        if self._connection:
            self._connection.close()
        self._connection, self._received = None, b""

    def ask(self, path: str, **headers: str) -> Answered:
        """One request; header names are written with underscores. Raises `Torn`."""
        named = (f"{name.replace('_', '-')}: {text}" for name, text in headers.items())
        lines = [f"GET {path} HTTP/1.1", "Host: feeds.example", *named]
        try:
            if self._connection is None:
                self._connection = socket.create_connection(("127.0.0.1", self._port), SLOW)
            self._connection.sendall("\r\n".join([*lines, "", ""]).encode())
            return self._answer()
        except ConnectionError as error:
            begun = bool(self._received)
            self.close()
            raise Torn(begun) from error

    def _answer(self) -> Answered:
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            self._more()
        line, *rest = self._received[:end].decode("latin-1").split("\r\n")
        named = (header.split(": ", 1) for header in rest)
        headers = {name.lower(): text for name, text in named}
        status = int(line.split()[1])
        length = 0 if status == 304 else int(headers["content-length"])
        while len(self._received) < end + 4 + length:
            self._more()
        body = self._received[end + 4 : end + 4 + length]
        self._received = self._received[end + 4 + length :]
        if headers.get("connection") == "close":
            self.close()
        return Answered(status, headers, body)

    def _more(self) -> None:
        assert self._connection
        more = self._connection.recv(262_144)
        if not more:
            raise ConnectionResetError
        self._received += more
