"""Vendors by enterprise number and by manufacturer name."""

import re
from functools import lru_cache

ENTERPRISES_ROOT = "1.3.6.1.4.1."
CACHED_VENDORS = 4096
SHORT = 5
"""Names of at most this many letters must match as whole words: `canon` does not match `canonical`."""
MOST_WORDS = 3
"""Words of a manufacturer's name that a vendor's name may be made of: `Hewlett Packard`."""

VENDORS = {
    2: "ibm",
    9: "cisco",
    11: "hpe",
    18: "nortel",
    23: "novell",
    42: "sun",
    43: "3com",
    45: "nortel",
    52: "enterasys",
    89: "radlan",
    94: "nokia",
    111: "oracle",
    119: "nec",
    161: "cambium",
    164: "rad",
    171: "dlink",
    193: "ericsson",
    207: "allied",
    232: "hpe",
    244: "lantronix",
    248: "hirschmann",
    253: "xerox",
    266: "nexans",
    298: "asante",
    311: "microsoft",
    318: "apc",
    343: "intel",
    367: "ricoh",
    368: "axis",
    476: "vertiv",
    534: "eaton",
    562: "nortel",
    637: "alcatel",
    641: "lexmark",
    664: "adtran",
    674: "dell",
    705: "eaton",
    789: "netapp",
    838: "xedia",
    850: "tripplite",
    868: "transition",
    890: "zyxel",
    935: "megatec",
    1139: "emc",
    1271: "ciena",
    1588: "brocade",
    1602: "canon",
    1718: "servertech",
    1872: "nortel",
    1890: "redlion",
    1916: "extreme",
    1991: "brocade",
    2011: "huawei",
    2021: "net-snmp",
    2272: "nortel",
    2281: "ceragon",
    2435: "brother",
    2440: "efficientip",
    2544: "adva",
    2604: "sophos",
    2606: "rittal",
    2620: "checkpoint",
    2636: "juniper",
    2736: "etherwan",
    2925: "cyclades",
    3076: "cisco",
    3097: "watchguard",
    3181: "microsens",
    3224: "juniper",
    3375: "f5",
    3417: "bluecoat",
    3715: "teleste",
    3808: "cyberpower",
    3873: "qlogic",
    3902: "zte",
    4329: "siemens",
    4413: "broadcom",
    4458: "radwin",
    4526: "netgear",
    4881: "ruijie",
    5003: "audiocodes",
    5089: "clavister",
    5528: "apc",
    5624: "enterasys",
    5951: "citrix",
    6027: "dell",
    6141: "ciena",
    6486: "alcatel",
    6527: "nokia",
    6574: "synology",
    6876: "vmware",
    6889: "avaya",
    7779: "infoblox",
    8072: "net-snmp",
    8691: "moxa",
    8741: "sonicwall",
    9967: "bluesocket",
    10418: "avocent",
    11256: "stormshield",
    11863: "tp-link",
    12356: "fortinet",
    12740: "dell",
    13191: "oneaccess",
    13742: "raritan",
    13842: "mobatime",
    14179: "cisco",
    14525: "trapeze",
    14823: "aruba",
    14988: "mikrotik",
    15983: "meru",
    17163: "riverbed",
    17713: "cambium",
    19046: "lenovo",
    20301: "ibm",
    20992: "cradlepoint",
    21013: "xirrus",
    21091: "exinda",
    21239: "vertiv",
    21796: "hwgroup",
    22610: "a10",
    23937: "extricom",
    24062: "korenix",
    24681: "qnap",
    25049: "opengear",
    25053: "ruckus",
    25461: "paloalto",
    25506: "hpe",
    26543: "ibm",
    26866: "gigamon",
    26928: "aerohive",
    28866: "trendnet",
    29671: "meraki",
    30065: "arista",
    31034: "schleifenbauer",
    31926: "siklu",
    32473: "opsconductor",
    33049: "mellanox",
    41112: "ubiquiti",
    41263: "nutanix",
    46242: "netonix",
    47196: "aruba",
    47565: "forcepoint",
    48690: "teltonika",
    50114: "cloudgenix",
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


def maker_of_mapping(oid_pattern: str, vendor: str | None) -> str | None:
    """Return whose devices send a trap: a vendor, or an enterprise number; None: those of any may."""
    if vendor is not None or not oid_pattern.startswith(ENTERPRISES_ROOT):
        return vendor
    return vendor_of_oid(oid_pattern) or oid_pattern[len(ENTERPRISES_ROOT) :].partition(".")[0]


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
    parts = re.findall(r"[a-z0-9]+", name.lower())
    begins = {"".join(parts[:count]) for count in range(1, MOST_WORDS + 1)}
    plain = "".join(parts)
    known = [begin for begin in _NAMES if begin in begins or (len(begin) > SHORT and plain.startswith(begin))]
    return _NAMES[max(known, key=len)] if known else name.lower()
