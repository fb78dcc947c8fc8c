"""Whose connection and whose request it is."""

from __future__ import annotations

import pytest

from feedsvc.server.clients import Clients

CLIENTS = Clients(("127.0.0.0/8", "::1/128", "10.1.2.3"))


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", ""),
        ("10.1.2.3", ""),
        ("10.1.2.4", "10.1.2.4"),
        ("::1", ""),
        ("::ffff:127.0.0.1", ""),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
    ],
)
def test_an_address_is_a_clients_unless_it_is_a_proxys(peer: str, address: str) -> None:
    assert CLIENTS.address(peer) == address


@pytest.mark.parametrize(
    ("peer", "said", "client"),
    [
        ("127.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "2001:db8::5", "2001:db8::"),
        ("127.0.0.1", "192.0.2.7, nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("192.0.2.9", "192.0.2.7", "192.0.2.9"),
    ],
)
def test_a_proxy_says_whom_it_asks_for_and_nobody_else_does(peer: str, said: str, client: str) -> None:
    assert CLIENTS.of(peer, {"HTTP_X_FORWARDED_FOR": said} if said else {}) == client


def test_a_proxy_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError):
        Clients(("proxy.example",))
