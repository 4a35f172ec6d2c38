"""Where a webhook may lead: https, a name, and addresses of the public Internet only (OWASP: server-side request
forgery). Whoever registers a webhook chooses where this service connects to; it must not be a door into the network
that the service stands in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, Self

MOST_URL_CHARACTERS: Final = 2000
PORTS: Final = frozenset({443, 8443})
"""Elsewhere something other than a web server may listen."""

_REFUSED_4: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
"""IANA's special-purpose registry, multicast, reserved, and one cloud's host agent, which has a public address."""
_GLOBAL_6: Final = IPv6Network("2000::/3")
_REFUSED_6: Final = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
"""Of the global unicast block: Teredo and other protocols' own, documentation, and 6to4, which hides an IPv4 address.
Everything outside of the block is refused: loopback, link-local, private, multicast, v4-mapped, NAT64.
"""
_NEVER: Final = tuple(
    ip_network(text)
    for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32", "224.0.0.0/4", "240.0.0.0/4",
                 "::/127", "::ffff:0:0/96", "fe80::/10", "ff00::/8", "fd00:ec2::254/128")
)  # fmt: skip
"""What production never allows, whatever the setting says: ourselves, the cloud's metadata, everybody at once."""
_NAME = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class WebhookRefused(Exception):
    """We do not send there. ``code`` says why and ``detail`` what to do; neither repeats the address."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class AllowedPrivate:
    """Exceptions: networks that are not public, and names that may lead anywhere and to any port."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()

    @classmethod
    def read(cls, text: str, *, production: bool) -> Self:
        """From a comma-separated setting. Raises ValueError, which says what is wrong and does not repeat it."""
        networks: list[Network] = []
        hosts: set[str] = set()
        for entry in filter(None, (part.strip().lower() for part in text.split(","))):
            try:
                networks.append(ip_network(entry))
            except ValueError:
                if _NAME.fullmatch(entry) is None:
                    raise ValueError("must be networks or host names, comma separated") from None
                hosts.add(entry)
        if production and hosts:
            raise ValueError("may name networks only in production: a name can be made to lead anywhere")
        if production and any(_overlap(network, never) for network in networks for never in _NEVER):
            raise ValueError("must not hold loopback, link-local or metadata addresses in production")
        return cls(tuple(networks), frozenset(hosts))

    def holds(self, address: Address) -> bool:
        """Whether this address is excepted."""
        return any(address.version == network.version and address in network for network in self.networks)


def check_place(*, scheme: str, user: bool, host: str, allowed: AllowedPrivate) -> None:
    """What can be said of a URL without looking its name up. ``host`` is in ASCII (IDNA). Raises WebhookRefused."""
    if scheme != "https":
        raise WebhookRefused("https_only", "Use an https address.")
    if user:
        raise WebhookRefused("user_in_url", "Leave user name and password out of the address.")
    if host not in allowed.hosts and _NAME.fullmatch(host) is None:
        raise WebhookRefused("name_needed", "Use a full host name, not an IP address: a certificate names a host.")


def check_address(text: str, *, host: str, port: int, allowed: AllowedPrivate) -> Address:
    """The address as it may be connected to. Raises WebhookRefused for one that is not of the public Internet, and for
    a port at which no web server is to be expected.
    """
    try:
        address = ip_address(text)
    except ValueError:
        raise _not_public() from None
    if host in allowed.hosts or allowed.holds(address):
        return address
    if not _public(address):
        raise _not_public()
    if port not in PORTS:
        raise WebhookRefused("port_refused", "Use port 443 or 8443.")
    return address


def _overlap(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)


def _public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _REFUSED_4)
    inside = address in _GLOBAL_6 and not any(address in network for network in _REFUSED_6)
    return inside and address.scope_id is None


def _not_public() -> WebhookRefused:
    return WebhookRefused("address_refused", "The name leads to an address that is not of the public Internet.")
