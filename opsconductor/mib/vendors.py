"""Vendors by enterprise number and by manufacturer name."""

import re
from functools import lru_cache

ENTERPRISES_ROOT = "1.3.6.1.4.1."
CACHED_VENDORS = 4096
SHORT = 2
"""Names of at most this many letters must match as a whole word: `hp` does not match `hpi racing`."""

VENDORS = {
    9: "cisco",
    11: "hpe",
    161: "cambium",
    171: "dlink",
    232: "hpe",
    311: "microsoft",
    318: "apc",
    368: "axis",
    476: "vertiv",
    534: "eaton",
    674: "dell",
    789: "netapp",
    890: "zyxel",
    1271: "ciena",
    1588: "brocade",
    1916: "extreme",
    1991: "brocade",
    2011: "huawei",
    2021: "net-snmp",
    2636: "juniper",
    3375: "f5",
    4526: "netgear",
    5951: "citrix",
    6141: "ciena",
    6486: "alcatel",
    6527: "nokia",
    6574: "synology",
    6876: "vmware",
    8072: "net-snmp",
    11863: "tp-link",
    12356: "fortinet",
    14179: "cisco",
    14823: "aruba",
    14988: "mikrotik",
    17163: "riverbed",
    17713: "cambium",
    20992: "cradlepoint",
    24681: "qnap",
    25461: "paloalto",
    25506: "hpe",
    30065: "arista",
    31926: "siklu",
    41112: "ubiquiti",
    47196: "aruba",
}
"""Vendor as mappings write it, by enterprise number.

Source:
    IANA private enterprise numbers; acquired companies are listed under the name that mappings use.
"""


@lru_cache(maxsize=CACHED_VENDORS)
def vendor_of_oid(oid: str) -> str | None:
    """Return the vendor that owns the enterprise number of an OID, or None if unknown."""
    if not oid.startswith(ENTERPRISES_ROOT):
        return None
    number = oid[len(ENTERPRISES_ROOT) :].partition(".")[0]
    return VENDORS.get(int(number)) if number.isdecimal() else None


ALIASES = {
    "americanpowerconversion": "apc",
    "hewlettpackard": "hpe",
    "hp": "hpe",
    "f5networks": "f5",
    "pan": "paloalto",
    "routerboard": "mikrotik",
    "schneider": "apc",
    "ubnt": "ubiquiti",
}
"""Vendor as mappings write it, by the beginning of its name in inventories."""

_NAMES = ALIASES | {re.sub(r"[^a-z0-9]", "", vendor): vendor for vendor in VENDORS.values()}


@lru_cache(maxsize=CACHED_VENDORS)
def vendor_of_manufacturer(name: str) -> str:
    """Return the vendor as mappings write it: `Cisco Systems, Inc.` is `cisco`.

    An unknown manufacturer is returned under its own name in lower case.
    """
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    known = [begin for begin in _NAMES if plain.startswith(begin) and (len(begin) > SHORT or begin == plain)]
    return _NAMES[max(known, key=len)] if known else name.lower()
