"""`Sender`: sends a request to another machine and reads the status of its answer, within limits of time and bytes.

Redirects are not followed, for they may lead anywhere. Where it is guarded, it connects to public addresses alone, and to those
that the operator allows (SSRF: CWE-918): the address that was checked is the one that is connected to.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from feedsvc.deliveries.request import Answer, Request, Unreachable
from feedsvc.settings import environment_name
from feedsvc.text import one_line

STEP_SECONDS = 10.0
ANSWER_SECONDS = 20.0
MOST_ADDRESSES = 4  # of one host that are tried
_CONNECTIONS = {"http": HTTPConnection, "https": HTTPSConnection}
_PORTS = {"http": 80, "https": 443}
_ALWAYS = {"User-Agent": "feedsvc", "Connection": "close"}
_NAT64 = ip_network("64:ff9b::/96")

Network = IPv4Network | IPv6Network


class Sender:
    """Sends one request at a time; `networks` are allowed beside public addresses, None for any address at all.

    Nothing is sent to `own_url`, which is this service.
    """

    def __init__(self, networks: Sequence[Network] | None = None, own_url: str = "") -> None:
        self._networks = networks
        self._own = urlsplit(own_url)[:2]
        self._socket: socket.socket | None = None

    def send(self, request: Request) -> Answer:
        """Sends it; the status of the answer, whose body is not read.

        Raises `Unreachable` where there is none.
        """
        parts = urlsplit(request.url)
        if parts[:2] == self._own:
            raise Unreachable("it is this service itself: name another address")
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self.cut()

        # The time limit of a socket is one for each step, and an answer may come in as many steps as it has bytes.
        limit = threading.Timer(ANSWER_SECONDS, give_up)
        limit.daemon = True
        connection = _CONNECTIONS[parts.scheme](host, port, timeout=STEP_SECONDS)
        try:
            self._socket = self._connected(host, port)
            limit.start()
            if parts.scheme == "https":
                self._socket = _trusted().wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
                self._socket.do_handshake()
            connection.sock = self._socket
            connection.request(request.method, path, request.body, {**_ALWAYS, **request.headers})
            with connection.getresponse() as response:
                later = response.headers.get("Retry-After", "")
                seconds = float(later) if later.isascii() and later.isdigit() and len(later) < 10 else 0.0
                return Answer(response.status, response.headers.get("Location", ""), seconds)
        except (OSError, HTTPException, ValueError) as error:
            raise Unreachable("it did not answer in time" if late.is_set() else _reason(error)) from error
        finally:
            limit.cancel()
            connection.close()
            if self._socket:
                self._socket.close()

    def cut(self) -> None:
        """Ends a request that another thread waits for, below TLS, which can't be closed from another thread."""
        if self._socket:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _connected(self, host: str, port: int) -> socket.socket:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        allowed = [one for one in found if self._is_allowed(str(one[4][0]))]
        if not allowed:
            raise Unreachable(
                f"it is at {found[0][4][0]}, which is no public address: if that is right, "
                f"name it in {environment_name('private_targets')}"
            )
        for family, kind, protocol, _, address in allowed[:MOST_ADDRESSES]:
            made = socket.socket(family, kind, protocol)
            made.settimeout(STEP_SECONDS)
            try:
                made.connect(address)
            except OSError as error:
                made.close()
                failed = error
            else:
                return made
        raise failed

    def _is_allowed(self, written: str) -> bool:
        if self._networks is None:
            return True
        address = _meant(ip_address(written.partition("%")[0]))
        return _is_public(address) or any(address in network for network in self._networks)


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that one of IPv6 stands for, if it does."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, HTTPException) and not isinstance(error, OSError):
        return "it does not speak HTTP"
    return one_line(getattr(error, "strerror", None) or str(error))[:200]
