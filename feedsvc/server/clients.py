"""`Clients`: which client a connection or a request is from, for limits and turns by client. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Network, ip_address, ip_network

KEPT = 4096
# One household or server has an IPv6 network of this size (RFC 6177); all its addresses are one client.
IPV6_PREFIX = 64


class Clients:
    """Distinguishes clients by address, behind these proxies by the address that they report.

    `proxies` are addresses, or networks such as 10.0.0.0/8. Raises `ValueError` where one is neither.
    """

    def __init__(self, proxies: Iterable[str]) -> None:
        self._proxies = [ip_network(proxy) for proxy in proxies]
        self.address = lru_cache(KEPT)(self._address)  # of a peer; "" for a proxy, which asks for many

    def of(self, peer: str, headers: Mapping[str, str]) -> str:
        """The client of a request; the proxy itself if it names none."""
        address = self.address(peer)
        if address:
            return address
        # The proxy itself added the last one; a client may have invented those before.
        said = headers.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        return _network(said) or peer

    def _address(self, peer: str) -> str:
        try:
            found = ip_address(peer.partition("%")[0])
        except ValueError:
            return ""  # a socket that is no address, such as a file's
        found = getattr(found, "ipv4_mapped", None) or found
        return "" if any(found in proxy for proxy in self._proxies) else _network(str(found))


@lru_cache(KEPT)
def _network(address: str) -> str:
    """The IPv4 address or IPv6 network of one client; "" for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return address if isinstance(found, IPv4Address) else str(IPv6Network((int(found), IPV6_PREFIX), strict=False).network_address)
