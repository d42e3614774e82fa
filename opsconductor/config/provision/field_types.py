"""Types of pydantic fields for text in a certain form.

The text of each error follows the word "expected" in a fault.
"""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints

OID = re.compile(r"[0-2](\.(0|[1-9][0-9]{0,9}))+")
OID_PATTERN = re.compile(rf"{OID.pattern}(\.\*)?")
OBJECT_NAME = re.compile(rf"{OID.pattern}|[A-Za-z][A-Za-z0-9-]*")
CONNECTOR_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}")
ALERT_TYPE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
ALERT_TYPE_PATTERN = re.compile(r"[a-z0-9_*?\[\]!-]{1,100}")
ADDRESS_WILDCARD = re.compile(r"[0-9a-fA-F.:*?\[\]!-]{1,100}")
IPV4_PARTS, MOST_IN_PART = 4, 255
LIKE_AN_ADDRESS = re.compile(r"[0-9./]*")
LONGEST_NAME = 255
ENGINE_ID = re.compile(r"(0[xX])?(?P<hex>([0-9a-fA-F]{2}){5,32})")


def ip_text(value: str) -> str:
    """Return an IP address in canonical form: `2001:DB8::0:1` and `2001:db8::1` are the same device."""
    try:
        return str(ip_address(value.strip()))
    except ValueError:
        raise ValueError("an IP address such as 10.0.0.1 or 2001:db8::1") from None


def device_key(value: str) -> str:
    """Return a device's address in canonical form, or the name of a device that has none."""
    text = value.strip()
    if LIKE_AN_ADDRESS.fullmatch(text) or ":" in text:
        return ip_text(text)
    if not 0 < len(text) <= LONGEST_NAME:
        raise ValueError("the address of a device, or the name of one that has no address")
    return text


def device_alias(value: str) -> str:
    """Return a further address or an SNMP engine ID of a device in canonical form."""
    try:
        return ip_text(value)
    except ValueError:
        match = ENGINE_ID.fullmatch(value.strip())
        if match is None:
            raise ValueError("an IP address, or an SNMP engine ID of 10 to 64 hexadecimal digits") from None
        return match["hex"].lower()


def address_pattern(value: str) -> str:
    """Validate a condition on addresses: CIDR, a range, or text with shell wildcards."""
    if "/" in value:
        return str(_network(value))
    if "-" in value and "[" not in value:
        return _range(value)
    if not ADDRESS_WILDCARD.fullmatch(value):
        raise ValueError("addresses such as 10.1.* or 10.1.0.0/16")
    if not set(value) & set("*?["):
        return _whole_address(value)
    parts = [] if ":" in value else value.split(".")
    if len(parts) > IPV4_PARTS or any(part.isdecimal() and int(part) > MOST_IN_PART for part in parts):
        raise ValueError("a pattern that an address can match, such as 10.1.* or 10.1.0.0/16")
    return value


def _range(value: str) -> str:
    """Return a range of addresses in canonical form: `10.1.0.10-10.1.0.20`."""
    try:
        first, last = (ip_address(part.strip()) for part in value.split("-"))
    except ValueError:
        raise ValueError("a range of two whole addresses, such as 10.1.0.10-10.1.0.20") from None
    if first.version != last.version or int(first) > int(last):
        raise ValueError("a range that goes from a lower to a higher address of the same kind")
    return f"{first}-{last}"


def _whole_address(value: str) -> str:
    try:
        return ip_text(value)
    except ValueError:
        raise ValueError("a whole address such as 10.1.0.1, or wildcards as in 10.1.*") from None


def _network(value: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(value)
    except ValueError:
        try:
            wider = ip_network(value, strict=False)
        except ValueError:
            raise ValueError("addresses such as 10.1.* or 10.1.0.0/16") from None
        raise ValueError(f"a network without host part, such as {wider}") from None


def _matching(form: re.Pattern[str], words: str) -> AfterValidator:
    def check(value: str) -> str:
        if not form.fullmatch(value):
            raise ValueError(words)
        return value

    return AfterValidator(check)


def _one_or_many(value: object) -> object:
    """Accept a list of one without brackets, and nothing as an empty list."""
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)


def _without_dot(value: object) -> object:
    return value.removeprefix(".") if isinstance(value, str) else value


Text50 = Annotated[str, StringConstraints(max_length=50)]
Text100 = Annotated[str, StringConstraints(max_length=100)]
Text255 = Annotated[str, StringConstraints(max_length=255)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
IpAddress = Annotated[str, AfterValidator(ip_text)]
DeviceKey = Annotated[str, AfterValidator(device_key)]
DeviceAlias = Annotated[str, AfterValidator(device_alias)]
AddressPattern = Annotated[str, AfterValidator(address_pattern)]
ConnectorName = Annotated[
    str, _matching(CONNECTOR_NAME, "at most 50 letters, digits, '.', '_' and '-', a letter or digit first")
]
AlertType = Annotated[
    Text100, _matching(ALERT_TYPE, "<category>_<what> in lower case, such as network_link_down")
]
AlertTypePattern = Annotated[
    str, _matching(ALERT_TYPE_PATTERN, "an alert type, also with wildcards, such as network_*")
]
Oid = Annotated[
    Text255, BeforeValidator(_without_dot), _matching(OID, "a numeric OID such as 1.3.6.1.6.3.1.1.5.3")
]
ObjectName = Annotated[
    Text255,
    BeforeValidator(_without_dot),
    _matching(OBJECT_NAME, "the name of an object such as ifOperStatus, or its numeric OID without instance"),
]
OidPattern = Annotated[
    Text255,
    BeforeValidator(_without_dot),
    _matching(OID_PATTERN, "a numeric OID such as 1.3.6.1.6.3.1.1.5.3, or 1.3.6.1.4.1.6141.* for all below"),
]
OneOrMany = BeforeValidator(_one_or_many)
"""For use with a tuple type: `major` is read as `[major]`."""
