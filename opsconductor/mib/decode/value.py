"""What the octets of an object mean: text, names of bits, addresses, times, by the hints of their types."""

from opsconductor.mib.decode.date import date_text
from opsconductor.mib.decode.hint import hinted_octets, octet_rules
from opsconductor.mib.decode.naming import INET_ADDRESS, PHYSICAL, address_text
from opsconductor.mib.facts import ObjectFact

TEXT, ADDRESS = "DisplayString", "PhysAddress"
"""What the octets of a value are, see `octets_kind`."""

_TEXTS = frozenset({"DisplayString", "SnmpAdminString", "OwnerString", "Utf8String", "LongUtf8String"})
_DATE = "DateAndTime"
_BITS_OF_OCTET = 8
_LONGEST_BITS = 512


def octets_kind(fact: ObjectFact | None) -> str:
    """Return `TEXT` or `ADDRESS` when the octets of a value are that, else an empty string."""
    if fact is None or fact.syntax not in ("OCTET STRING", ""):
        return ""
    if fact.convention in PHYSICAL or fact.display_hint == "1x:":
        return ADDRESS
    rules = octet_rules(fact.display_hint) if fact.display_hint else ()
    is_text = len(rules) == 1 and rules[0].form in "at" and not rules[0].is_repeated and rules[0].length > 1
    return TEXT if fact.convention in _TEXTS or is_text else ""


def octets_text(fact: ObjectFact | None, content: bytes) -> str | None:
    """Return octets as the facts say that they are written; None: the facts do not say it."""
    if fact is None or not content:
        return None
    if fact.syntax == "BITS":
        return f"0x{content[:_LONGEST_BITS].hex()}"
    if fact.convention == _DATE:
        return date_text(content)
    if fact.convention.startswith(INET_ADDRESS):
        return address_text(content) if len(content) in (4, 8, 16, 20) else None
    if fact.display_hint and not octets_kind(fact):
        return hinted_octets(fact.display_hint, content)
    return None


def bits_text(fact: ObjectFact, content: bytes) -> str:
    """Return the names of the bits that are set, `rxLoss, txFault`; a bit without name by its number."""
    names = dict(fact.enumeration)
    return ", ".join(names.get(bit, str(bit)) for bit in set_bits(content[:_LONGEST_BITS])) or "none"


def set_bits(content: bytes) -> list[int]:
    """Return the positions of the bits that are set; bit 0 is the highest of the first octet.

    Source:
        RFC 2578 section 7.1.4.
    """
    return [
        number * _BITS_OF_OCTET + bit
        for number, octet in enumerate(content)
        for bit in range(_BITS_OF_OCTET)
        if octet & (1 << (_BITS_OF_OCTET - 1 - bit))
    ]
