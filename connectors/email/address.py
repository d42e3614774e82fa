"""E-mail addresses, read strictly: one address, nothing that could steer an SMTP dialogue."""

from email.headerregistry import Address, AddressHeader
from email.policy import SMTPUTF8

LONGEST = 254
"""RFC 5321 section 4.5.3.1.3, less the angle brackets."""


def one_address(text: str) -> Address:
    """Read exactly one address, with or without a name: `NOC <noc@example.net>`.

    Raises:
        ValueError: It is none, or more than one; the text of the error says so.
    """
    if not text.strip() or not text.isprintable():
        raise ValueError(f"{text!r} is no e-mail address")
    header = SMTPUTF8.header_factory("To", text.strip())
    is_malformed = bool(header.defects)
    assert isinstance(header, AddressHeader)
    if is_malformed or len(header.addresses) != 1:
        raise ValueError(f"{text!r} is not exactly one e-mail address")
    address = header.addresses[0]
    if not address.username or not address.domain or len(address.addr_spec) > LONGEST:
        raise ValueError(f"{text!r} is no e-mail address of the form name@domain")
    return address
