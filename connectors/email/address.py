"""Strict parsing of e-mail addresses: one address, nothing that could inject SMTP commands."""

import re
from email.headerregistry import Address

import idna

LONGEST = 254
"""RFC 5321 section 4.5.3.1.3, less the angle brackets."""

LONGEST_NAMED = 1000
"""With a display name; parsing time grows with the square of the length."""

ATOM = r"[^\s<>()\[\],;:\\\"@.]+"
LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
SPEC = rf"(?P<user>{ATOM}(?:\.{ATOM})*)@(?P<domain>{LABEL}(?:\.{LABEL})*)"
ALONE = re.compile(SPEC)
NAMED = re.compile(rf"(?:\"(?P<quoted>[^\"\\<>]*)\"|(?P<name>[^\"\\<>@,;:]*))\s*<{SPEC}>")


def one_address(text: str) -> Address:
    """Parse exactly one address, with or without a display name: `NOC <noc@example.net>`.

    Stricter than RFC 5322 (no comments, groups, quoted mailboxes or address literals). Unlike the
    standard library's parser it refuses everything else.

    Raises:
        ValueError: The text is not exactly one address; the message explains it.
    """
    plain = text.strip()
    is_sound = len(plain) <= LONGEST_NAMED and text.isprintable()
    match = (ALONE.fullmatch(plain) or NAMED.fullmatch(plain)) if is_sound else None
    if match is None:
        raise ValueError(f"{text[:LONGEST]!r} is not one e-mail address of the form name@domain")
    if len(match["user"]) + len(match["domain"]) >= LONGEST:
        raise ValueError(f"an e-mail address has at most {LONGEST} characters")
    names = match.groupdict()
    name = (names.get("quoted") or names.get("name") or "").strip()
    return Address(display_name=name, username=match["user"], domain=match["domain"])


def with_ascii_domain(address: Address) -> Address:
    """Return the address with its domain in the form that every server accepts: `bücher.example` as xn--.

    A non-ASCII mailbox (`büro@`) has no such form: it needs a server with SMTPUTF8.

    Raises:
        ValueError: The domain is not a domain name.

    Source:
        RFC 5890 section 2.3.2.1 (A-label), RFC 6531 section 3.7.
    """
    if address.domain.isascii():
        return address
    try:
        domain = idna.encode(address.domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise ValueError(f"{address.domain!r} is not a domain name: {error}") from error
    if len(address.username) + len(domain) >= LONGEST:
        raise ValueError(f"an e-mail address has at most {LONGEST} characters, the domain in its xn-- form")
    return Address(display_name=address.display_name, username=address.username, domain=domain)
