"""Where webhooks may lead: every address of the public Internet and none besides."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.notify.adapters.channels.webhook_guard import Guard
from services.notify.domain.policy.webhook_urls import _REFUSED_4, AllowedPrivate, WebhookRefused, check_address

NONE = AllowedPrivate()
EDGES = [int(edge) + step for net in _REFUSED_4 for edge in (net[0], net[-1]) for step in (-1, 0, 1)]
ANY_4 = (st.integers(0, 2**32 - 1) | st.sampled_from([edge for edge in EDGES if 0 <= edge < 2**32])).map(IPv4Address)
ANY_6 = st.integers(0, 2**128 - 1).map(IPv6Address)
HIDES_IPV4 = [
    lambda four: IPv6Address(0xFFFF << 32 | int(four)),  # v4-mapped
    lambda four: IPv6Address(int(four)),  # v4-compatible
    lambda four: IPv6Address(0x2002 << 112 | int(four) << 80 | 1),  # 6to4
    lambda four: IPv6Address(int(IPv6Address("64:ff9b::")) | int(four)),  # NAT64
    lambda four: IPv6Address(int(IPv6Address("64:ff9b:1::")) | int(four)),  # NAT64, local
    lambda four: IPv6Address(0x2001 << 112 | (int(four) ^ 0xFFFFFFFF)),  # Teredo
]


def passes(address: object, allowed: AllowedPrivate = NONE) -> bool:
    try:
        check_address(str(address), host="hooks.example.org", port=443, allowed=allowed)
    except WebhookRefused:
        return False
    return True


@given(ANY_4)
@example(IPv4Address("169.254.169.254"))
@example(IPv4Address("100.100.100.200"))
@example(IPv4Address("255.255.255.255"))
def test_an_ipv4_address_passes_only_where_the_registry_calls_it_global(address: IPv4Address) -> None:
    if passes(address):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


@given(ANY_4)
def test_nothing_public_is_refused(address: IPv4Address) -> None:
    special = not address.is_global or address.is_multicast or address.is_reserved
    protocols = any(address in IPv4Network(block) for block in ("192.0.0.0/24", "192.88.99.0/24"))
    assert passes(address) is not (special or protocols or address == IPv4Address("168.63.129.16"))


@given(ANY_6)
@example(IPv6Address("::1"))
@example(IPv6Address("fd00:ec2::254"))
@example(IPv6Address("fe80::1"))
@example(IPv6Address("ff02::1"))
@example(IPv6Address("2001:db8::1"))
def test_an_ipv6_address_passes_only_where_it_is_global_unicast_and_hides_no_other(address: IPv6Address) -> None:
    if passes(address):
        assert address in IPv6Network("2000::/3")
        assert address.is_global
        assert address.ipv4_mapped is None
        assert address.sixtofour is None
        assert address.teredo is None


@given(ANY_4, st.sampled_from(HIDES_IPV4))
@example(IPv4Address("8.8.8.8"), HIDES_IPV4[3])
def test_an_ipv4_address_inside_of_an_ipv6_one_is_refused(four: IPv4Address, hide: object) -> None:
    assert callable(hide)
    assert not passes(hide(four))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::6810:84e5", "1.1.1.1"])
def test_public_ones_pass(address: str) -> None:
    assert passes(address)
    with pytest.raises(WebhookRefused, match="port_refused"):
        check_address(address, host="hooks.example.org", port=22, allowed=NONE)


def test_what_is_no_address_or_has_a_scope_is_refused() -> None:
    assert not passes("hooks.example.org")
    assert not passes("2606:4700::1%eth0")


def test_exceptions_hold_for_what_they_name_and_nothing_else() -> None:
    allowed = AllowedPrivate.read("10.1.0.0/16, receiver.example.org", production=False)
    assert passes("10.1.2.3", allowed)
    assert not passes("10.2.2.3", allowed)
    assert check_address("127.0.0.1", host="receiver.example.org", port=9, allowed=allowed) == ip_address("127.0.0.1")
    assert AllowedPrivate.read("10.1.0.0/16", production=True).networks == (ip_network("10.1.0.0/16"),)


@pytest.mark.parametrize(
    "text", ["127.0.0.1", "10.0.0.0/8,receiver.example.org", "169.254.0.0/16", "0.0.0.0/0", "::/0", "fe80::/64"]
)
def test_production_allows_no_door_to_itself(text: str) -> None:
    with pytest.raises(ValueError, match="production"):
        AllowedPrivate.read(text, production=True)


def test_a_setting_that_is_neither_network_nor_name_is_refused() -> None:
    with pytest.raises(ValueError, match="networks or host names"):
        AllowedPrivate.read("10.0.0.0/99", production=False)


async def nowhere(host: str, port: int) -> list[str]:
    raise AssertionError((host, port))


def test_a_name_beyond_ascii_is_looked_up_and_kept_in_its_ascii_form() -> None:
    place = Guard(nowhere, NONE).read("https://bücher.example.org/haken")
    assert place.host == "xn--bcher-kva.example.org"
    assert str(place.url) == "https://xn--bcher-kva.example.org/haken"


@given(st.text(max_size=60))
@example("https://\uff11\uff12\uff17.0.0.1/")
@example("https://127\u30020\u30020\u30021/")
@example("https://0x7f.1/")
@example("https://a@b@hooks.example.org/")
def test_whatever_is_sent_is_read_or_refused_by_name(text: str) -> None:
    try:
        place = Guard(nowhere, NONE).read("https://" + text.removeprefix("https://"))
    except WebhookRefused:
        return
    assert place.host.isascii()
    assert not place.host.rpartition(".")[2][:1].isdigit(), "no address passes for a name"
