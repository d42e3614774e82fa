"""Which addresses identify a host, and that the fast check equals the standard library's."""

from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from opsconductor.model.address import Reach, canonical_address, reach_of


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_special_addresses_identify_no_host(found: object) -> None:
    """Loopback, link-local, unspecified and multicast addresses are never a host's own."""
    text = canonical_address(str(found))
    assert text is not None
    address = ip_address(text)
    is_special = (
        address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
    )
    assert not is_special or reach_of(text) is not Reach.HOST


def test_ordinary_addresses_identify_a_host() -> None:
    """Addresses that only begin like special ones identify a host, too."""
    for text in ("10.0.0.1", "126.0.0.1", "169.253.0.1", "223.255.255.255", "fd00::1", "2001:db8::1", "::5"):
        assert reach_of(text) is Reach.HOST, text


def test_special_addresses_are_recognized_by_kind() -> None:
    """Of IPv4 and IPv6."""
    nothing = ("0.0.0.0", "0.1.2.3", "::", "224.0.0.1", "239.1.1.1", "255.255.255.255", "ff02::1")
    assert {reach_of(text) for text in nothing} == {Reach.NOTHING}
    assert {reach_of(text) for text in ("127.0.0.1", "127.255.0.1", "::1")} == {Reach.SELF}
    assert {reach_of(text) for text in ("169.254.1.1", "fe80::1", "fe80::1%eth0")} == {Reach.LINK}
