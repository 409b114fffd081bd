"""Nothing inside anybody's walls is reachable by a webhook, unless the operator says so."""

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notification.domain.addresses import Network, refusal

REFUSED_CLASSES = {
    "0.0.0.0/8": "unspecified",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "CGNAT",
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.168.0.0/16": "private",
    "192.88.99.0/24": "6to4",
    "198.18.0.0/15": "benchmarks",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    "::/128": "unspecified",
    "::1/128": "loopback",
    "::ffff:0:0/96": "IPv4-mapped",
    "::/96": "global unicast|unspecified|loopback",
    "64:ff9b::/96": "NAT64",
    "64:ff9b:1::/48": "NAT64",
    "100::/64": "global unicast",
    "2001::/32": "Teredo",
    "2001:db8::/32": "documentation",
    "2002::/16": "6to4",
    "fc00::/7": "private",
    "fe80::/10": "link-local",
    "fec0::/10": "global unicast",
    "ff00::/8": "multicast",
}


def members(network: str) -> st.SearchStrategy[IPv4Address | IPv6Address]:
    parsed = ip_network(network)
    return st.integers(0, parsed.num_addresses - 1).map(lambda offset: parsed[offset])


@pytest.mark.parametrize(("network", "reason"), REFUSED_CLASSES.items(), ids=list(REFUSED_CLASSES))
@settings(max_examples=30)
@given(data=st.data())
def test_every_address_of_a_refused_class_is_refused_by_its_name(network: str, reason: str, data: st.DataObject) -> None:
    said = refusal(data.draw(members(network)))
    assert said is not None
    assert any(part in said for part in reason.split("|"))


@given(st.ip_addresses())
def test_what_is_let_through_is_global_for_the_standard_library_too(address: IPv4Address | IPv6Address) -> None:
    if refusal(address) is None:
        special = (address.is_private, address.is_loopback, address.is_link_local, address.is_multicast, address.is_unspecified)
        assert not any(special)
        assert not address.is_reserved
        if isinstance(address, IPv6Address):
            assert address.ipv4_mapped is None
            assert address.sixtofour is None
            assert address.teredo is None


@given(st.ip_addresses(v=4).map(int))
def test_an_ipv4_address_hides_in_no_ipv6_form(number: int) -> None:
    dressed = [
        IPv6Address(number),
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(int(IPv6Address("64:ff9b::")) | number),
        IPv6Address(0x2002 << 112 | number << 80),
        IPv6Address(0x20010000 << 96 | number ^ 0xFFFFFFFF),
    ]
    assert all(refusal(address) for address in dressed)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:829::200e"])
def test_public_addresses_are_let_through(address: str) -> None:
    assert refusal(ip_address(address)) is None


@given(st.sampled_from(["10.1.0.0/16", "127.0.0.0/8", "fd00:1::/32"]).flatmap(lambda text: st.tuples(st.just(text), members(text))))
def test_the_operator_may_allow_a_network(allowed: tuple[str, IPv4Address | IPv6Address]) -> None:
    network: Network = ip_network(allowed[0])
    assert refusal(allowed[1], [network]) is None
    assert refusal(ip_address("192.168.1.1"), [network]) == "private"


def test_an_allowed_network_opens_nothing_else() -> None:
    assert refusal(ip_address("::ffff:127.0.0.1"), [IPv4Network("127.0.0.0/8")]) is not None
    assert refusal(ip_address("127.0.0.1"), [IPv6Network("::/0")]) == "loopback"
    assert isinstance(ipaddress.ip_address("fe80::1%eth0"), IPv6Address)
    assert refusal(ip_address("fe80::1%eth0")) == "link-local"
