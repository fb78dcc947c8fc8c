"""`StatusToken`: what the status pages ask for. It comes from the settings, else from a file that only its user may read."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from feedsvc.errors import TokenError
from feedsvc.settings import TOKEN, Settings

FILE_NAME = "status-token"
MOST_BYTES = 1_000


class StatusToken:
    """The token of one service. Its file is read at each request, so that a changed token counts at once."""

    def __init__(self, settings: Settings) -> None:
        self._given = settings.status_token
        self.path = None if self._given else settings.folder / FILE_NAME

    def read(self) -> str:
        """The token; if there is no file yet, it is made.

        Raises `TokenError` where the file can't be read or made, or holds no token.
        """
        if self._given or not self.path:
            return self._given or ""
        try:
            if not self.path.exists():
                _make(self.path)
            with self.path.open("rb") as file:
                found = file.read(MOST_BYTES).decode("latin-1").strip()
        except OSError as error:
            raise TokenError(f"status token {self.path}: {(error.strerror or str(error)).lower()}") from error
        if not re.fullmatch(TOKEN, found):
            raise TokenError(f"status token {self.path}: is not 16 to 200 letters, digits or any of - . _ ~ + / and = at the end")
        return found

    def admits(self, authorization: str) -> bool:
        """Whether an Authorization header contains the token: as Bearer (RFC 6750, 2.1), or as Basic's password (RFC 7617, 2).

        Raises `TokenError`.
        """
        return hmac.compare_digest(presented(authorization), self.read().encode())


def presented(authorization: str) -> bytes:
    """What an Authorization header says is the secret; "" where it says none."""
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip().encode("latin-1", "replace")
    if scheme.lower() == "basic":
        with suppress(binascii.Error, ValueError):
            return base64.b64decode(rest.strip(), validate=True).partition(b":")[2]
    return b""


def _make(path: Path) -> None:
    """Creates a token's file, whole or not at all; if several processes do so at once, one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        with open(beside, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(f"{secrets.token_urlsafe(32)}\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
