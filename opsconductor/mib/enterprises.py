"""Names of private enterprise numbers, read from the table that ships.

Source:
    IANA, "Private Enterprise Numbers" (RFC 9371).
"""

import mmap
import re
from functools import cache, lru_cache

from opsconductor.mib.vendors import (
    ENTERPRISES_ROOT,
    MOST_WORDS,
    VENDORS,
    vendor_of_manufacturer,
    vendor_of_oid,
)
from opsconductor.shipped import shipped

NAMES_REMEMBERED = 1_024
_LONGEST_NUMBER = 10
_REMARK = b" # "
"""Begins what some entries of the table say about the name."""

SPELLINGS = {
    "apc": "APC",
    "dlink": "D-Link",
    "f5": "F5",
    "hpe": "HPE",
    "ibm": "IBM",
    "mikrotik": "MikroTik",
    "net-snmp": "Net-SNMP",
    "netapp": "NetApp",
    "paloalto": "Palo Alto",
    "qnap": "QNAP",
    "tp-link": "TP-Link",
    "vmware": "VMware",
}
"""Vendors as people write them, where that is not the vendor of mappings with a capital."""


@lru_cache(maxsize=NAMES_REMEMBERED)
def maker_of(oid: str) -> str:
    """Return the vendor or enterprise below whose number an OID stands, for people; empty: none.

    An enterprise that is not in the table is named by its number: `Enterprise 65000`.
    """
    vendor = vendor_of_oid(oid)
    if vendor:
        return SPELLINGS.get(vendor) or vendor.capitalize()
    if not oid.startswith(ENTERPRISES_ROOT):
        return ""
    number = oid[len(ENTERPRISES_ROOT) :].partition(".")[0]
    if not number.isdecimal() or len(number) > _LONGEST_NUMBER:
        return ""
    return _name(int(number)) or f"Enterprise {number}"


@lru_cache(maxsize=NAMES_REMEMBERED)
def slug_of(oid: str) -> str:
    """Return the vendor as mappings write it, or what stands for it: the name of the enterprise in short.

    `Acme Power Systems, Inc.` is `acme-power-systems`. Empty: the OID is below no enterprise number.
    """
    if not oid.startswith(ENTERPRISES_ROOT):
        return ""
    number = oid[len(ENTERPRISES_ROOT) :].partition(".")[0]
    return _slug(int(number)) if number.isdecimal() and len(number) <= _LONGEST_NUMBER else ""


@lru_cache(maxsize=NAMES_REMEMBERED)
def _slug(number: int) -> str:
    if number in VENDORS:
        return VENDORS[number]
    name = _name(number)
    vendor = vendor_of_manufacturer(name)
    if vendor in _VENDORS:
        return vendor
    words = [word for word in re.findall(r"[a-z0-9]+", name.lower()) if word not in _LEGAL_FORMS]
    return "-".join(words[:MOST_WORDS]) or f"enterprise-{number}"


_VENDORS = frozenset(VENDORS.values())
_LEGAL_FORMS = frozenset(
    ("inc", "ltd", "llc", "gmbh", "ag", "corp", "corporation", "co", "company", "limited", "sa", "spa")
)


def _name(number: int) -> str:
    """Search the table, whose lines are sorted by number."""
    table = _table()
    low, high = 0, len(table)
    while low < high:
        begin = table.rfind(b"\n", 0, (low + high) // 2) + 1
        line = table[begin : table.find(b"\n", begin)]
        found, _, name = line.partition(b"\t")
        if line.startswith(b"#") or int(found) < number:
            low = begin + len(line) + 1
        elif int(found) == number:
            return name.partition(_REMARK)[0].decode("utf-8", "replace")
        else:
            high = begin
    return ""


@cache
def _table() -> mmap.mmap:
    with (shipped("mibs") / "enterprises.tsv").open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
