"""`ListeningSockets`: the sockets that a service listens on, kept by its main process.

Each web worker accepts from its own, so that the kernel distributes connections among them. Closing a socket turns away the
clients in its queue (socket(7), SO_REUSEPORT), so it outlives its worker: the next one accepts them. If the next one starts only
after a while, the socket stops listening, and the other workers get all connections.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from contextlib import suppress

from feedsvc.errors import UsageError


class ListeningSockets:
    """The sockets of one address; a machine that only builds has none that are `used`.

    Raises `UsageError` if it can't be listened on.
    """

    def __init__(self, host: str, port: int, *, used: bool = True) -> None:
        self.address = host, port
        self._sockets: list[list[socket.socket]] = []
        if used:
            for one in self._bound(shared=False):  # or it would be silently shared with another service
                one.close()

    def of(self, worker: int, workers: int) -> list[socket.socket]:
        """The sockets of one worker; those of removed workers are shared out, because none is ever closed."""
        while len(self._sockets) < workers:
            self._sockets.append(self._bound(shared=True))
        return [one for group in self._sockets[worker::workers] for one in group]

    def close(self) -> None:
        """Closes all of them."""
        for group in self._sockets:
            for one in group:
                one.close()

    def _bound(self, *, shared: bool) -> list[socket.socket]:
        host, port = self.address
        bound: list[socket.socket] = []
        try:
            for family, kind, protocol, _, address in sorted(
                set(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE))
            ):
                one = socket.socket(family, kind, protocol)
                bound.append(one)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # IPv4 has its own socket
                if shared:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                one.bind(address)
        except (OSError, UnicodeError) as error:
            for one in bound:
                one.close()
            why = (getattr(error, "strerror", None) or str(error)).lower()
            taken = getattr(error, "errno", None) == errno.EADDRINUSE
            raise UsageError(f"address {host}:{port} {'is in use' if taken else f'can not be listened on: {why}'}") from error
        return bound


def stop_listening(sockets: Sequence[socket.socket]) -> None:
    """Makes the kernel give no more connections to sockets without a worker; they stay bound, and can listen again."""
    for one in sockets:
        with suppress(OSError):  # it may no longer listen
            one.shutdown(socket.SHUT_RD)
