"""A network between a machine and its database that loses packets, is slow, or is cut, as a test says."""

from __future__ import annotations

import ctypes
import socket
import struct
import threading
import time
from contextlib import suppress

from sqlalchemy import make_url

_ATTACH, _DETACH = 26, 27  # SO_ATTACH_FILTER and SO_DETACH_FILTER (socket(7)); Python has no names for them
# A program of one instruction that keeps no byte of a packet: the kernel drops it before TCP sees it, and nothing is acknowledged.
_NOTHING = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
_DROP = struct.pack("HL", 1, ctypes.addressof(_NOTHING))


class Network:
    """Passes connections on to a port of this machine; `delay` is in seconds, for what comes back."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.delay = 0.0
        self._dropping = False
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def drop(self) -> None:
        """Loses every packet from now on; both sides go on believing in their connections."""
        with self._lock:
            self._dropping = True
            for one in (self._listener, *self._ends):
                one.setsockopt(socket.SOL_SOCKET, _ATTACH, _DROP)

    def heal(self) -> None:
        """Loses no more; what was not acknowledged is sent again."""
        with self._lock:
            self._dropping = False
            for one in (self._listener, *self._ends):
                with suppress(OSError):
                    one.setsockopt(socket.SOL_SOCKET, _DETACH, 0)

    def cut(self) -> None:
        """Resets every connection; new ones get through."""
        with self._lock:
            for one in self._ends:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def move(self, target: int) -> None:
        """Leads to another port from now on."""
        self._target = target
        self.cut()

    def close(self) -> None:
        """Ends it."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                near.close()
                continue
            for one in (near, far):  # a network holds nothing back (Nagle's algorithm would, for 40 ms a piece)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._ends |= {near, far}
                if self._dropping:
                    for one in (near, far):
                        one.setsockopt(socket.SOL_SOCKET, _ATTACH, _DROP)
            threading.Thread(target=self._pass, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(far, near, True), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, back: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if back and self.delay:
                    time.sleep(self.delay)
                sink.sendall(data)
        with self._lock:
            ended = sink not in self._ends or source not in self._ends
            self._ends -= {source, sink}
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        if ended:  # by the other direction's thread, which needed it no more either
            source.close()
            sink.close()


def through(network: Network, url: str, session: str = "", **given: str) -> str:
    """The URL of a database through a network; `given` are libpq's settings, `session` those of the server's side."""
    options = {"options": " ".join(f"-c {setting}" for setting in session.split())} if session else {}
    made = make_url(url).set(host="127.0.0.1", port=network.port).update_query_dict({**given, **options})
    return made.render_as_string(hide_password=False)
