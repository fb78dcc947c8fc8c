"""`Clients`: who a connection or a request is from, where shares and turns are given out by client. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Network, ip_address, ip_network

KEPT = 4096
# A network of this size is what one household or server has of IPv6 (RFC 6177); its addresses are one client's.
IPV6_PREFIX = 64


class Clients:
    """Tells clients apart by address, behind these proxies by what they say of it.

    `proxies` are addresses, or networks such as 10.0.0.0/8. Raises `ValueError` where one is neither.
    """

    def __init__(self, proxies: Iterable[str]) -> None:
        self._proxies = [ip_network(proxy) for proxy in proxies]
        self.address = lru_cache(KEPT)(self._address)  # of a peer; "" for a proxy, who asks for many

    def of(self, peer: str, headers: Mapping[str, str]) -> str:
        """The client of a request; behind a proxy, as long as that names none, the proxy itself."""
        address = self.address(peer)
        if address:
            return address
        # The last was added by the proxy itself; those before may be anybody's invention.
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
    """What one client has: an address of IPv4, a network of IPv6; "" for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return address if isinstance(found, IPv4Address) else str(IPv6Network((int(found), IPV6_PREFIX), strict=False).network_address)
