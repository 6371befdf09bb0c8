"""Addresses, as limits tell people apart. A reverse proxy is nobody: it says for whom it asks."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

NOT_IP_MAX_CHARS = 64
"""What a proxy calls an address may be anything, such as `unknown`; this much of it is told apart."""


def networks_of(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """The networks in a list with commas; an address is a network of one. Raises ValueError, with what is wrong."""
    return tuple(ip_network(each.strip()) for each in text.split(",") if each.strip())


class Proxies:
    """The reverse proxies in front of the server, and the machine itself."""

    def __init__(self, text: str) -> None:
        self._networks = networks_of(text)
        self.has = lru_cache(4_096)(self._has)

    def _has(self, host: str) -> bool:
        try:
            address = plain(ip_address(host))
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address that came over a socket of IPv6 is one of IPv4."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped


@lru_cache(4_096)
def key_of(host: str) -> str:
    """What is counted as one address. With IPv6 that is its /64: a household or a hall has as many addresses as it likes."""
    try:
        address = plain(ip_address(host.partition("%")[0]))
    except ValueError:
        return host[:NOT_IP_MAX_CHARS]
    return str(address) if isinstance(address, IPv4Address) else str(IPv6Network((address, 64), strict=False))
