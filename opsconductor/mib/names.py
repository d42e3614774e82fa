"""Built-in names of objects that traps of all vendors carry, used until MIB files are loaded."""

from collections.abc import Mapping
from functools import lru_cache

from opsconductor.model.text import folded, without_placeholders

CACHED_NAMES = 16_384
_BRANCH_ARCS = 7

OBJECTS = {
    "sysDescr": "1.3.6.1.2.1.1.1",
    "sysObjectID": "1.3.6.1.2.1.1.2",
    "sysUpTime": "1.3.6.1.2.1.1.3",
    "sysContact": "1.3.6.1.2.1.1.4",
    "sysName": "1.3.6.1.2.1.1.5",
    "sysLocation": "1.3.6.1.2.1.1.6",
    "ifIndex": "1.3.6.1.2.1.2.2.1.1",
    "ifDescr": "1.3.6.1.2.1.2.2.1.2",
    "ifType": "1.3.6.1.2.1.2.2.1.3",
    "ifMtu": "1.3.6.1.2.1.2.2.1.4",
    "ifSpeed": "1.3.6.1.2.1.2.2.1.5",
    "ifPhysAddress": "1.3.6.1.2.1.2.2.1.6",
    "ifAdminStatus": "1.3.6.1.2.1.2.2.1.7",
    "ifOperStatus": "1.3.6.1.2.1.2.2.1.8",
    "ifLastChange": "1.3.6.1.2.1.2.2.1.9",
    "ifName": "1.3.6.1.2.1.31.1.1.1.1",
    "ifHighSpeed": "1.3.6.1.2.1.31.1.1.1.15",
    "ifAlias": "1.3.6.1.2.1.31.1.1.1.18",
    "egpNeighAddr": "1.3.6.1.2.1.8.5.1.2",
    "ospfNbrIpAddr": "1.3.6.1.2.1.14.10.1.1",
    "ospfNbrRtrId": "1.3.6.1.2.1.14.10.1.3",
    "ospfNbrState": "1.3.6.1.2.1.14.10.1.6",
    "bgpPeerState": "1.3.6.1.2.1.15.3.1.2",
    "bgpPeerRemoteAddr": "1.3.6.1.2.1.15.3.1.7",
    "bgpPeerLastError": "1.3.6.1.2.1.15.3.1.14",
    "entPhysicalDescr": "1.3.6.1.2.1.47.1.1.1.1.2",
    "entPhysicalName": "1.3.6.1.2.1.47.1.1.1.1.7",
    "authAddr": "1.3.6.1.4.1.9.2.1.5",
    "locIfReason": "1.3.6.1.4.1.9.2.2.1.1.20",
}
"""OID by name; SNMPv2-MIB, IF-MIB, RFC1213-MIB, OSPF-MIB, BGP4-MIB, ENTITY-MIB, OLD-CISCO-*."""

NOTIFICATIONS = {
    "coldStart": "1.3.6.1.6.3.1.1.5.1",
    "warmStart": "1.3.6.1.6.3.1.1.5.2",
    "linkDown": "1.3.6.1.6.3.1.1.5.3",
    "linkUp": "1.3.6.1.6.3.1.1.5.4",
    "authenticationFailure": "1.3.6.1.6.3.1.1.5.5",
    "egpNeighborLoss": "1.3.6.1.6.3.1.1.5.6",
}
"""Trap OID by name; SNMPv2-MIB, IF-MIB, RFC1213-MIB."""

TEXT, ADDRESS = "DisplayString", "PhysAddress"

_CONVENTIONS = {
    **dict.fromkeys(
        (
            OBJECTS[name]
            for name in (
                "sysDescr",
                "sysContact",
                "sysName",
                "sysLocation",
                "ifDescr",
                "ifName",
                "ifAlias",
                "entPhysicalDescr",
                "entPhysicalName",
                "locIfReason",
            )
        ),
        TEXT,
    ),
    OBJECTS["ifPhysAddress"]: ADDRESS,
    "1.3.6.1.2.1.3.1.1.2": ADDRESS,  # atPhysAddress
    "1.3.6.1.2.1.4.22.1.2": ADDRESS,  # ipNetToMediaPhysAddress
    "1.3.6.1.2.1.4.35.1.4": ADDRESS,  # ipNetToPhysicalPhysAddress
    "1.3.6.1.2.1.17.1.1": ADDRESS,  # dot1dBaseBridgeAddress
    "1.3.6.1.2.1.17.4.3.1.1": ADDRESS,  # dot1dTpFdbAddress
    "1.3.6.1.2.1.25.2.3.1.3": TEXT,  # hrStorageDescr
    "1.3.6.1.4.1.9.9.48.1.1.1.2": TEXT,  # ciscoMemoryPoolName
    "1.3.6.1.4.1.2636.3.1.13.1.5": TEXT,  # jnxOperatingDescr
}
"""Textual convention of OCTET STRING objects, by object."""

_NAMES = {oid: name for name, oid in (OBJECTS | NOTIFICATIONS).items()}
_BRANCHES = tuple({".".join(oid.split(".")[:_BRANCH_ARCS]) for oid in _NAMES})
"""Branches below which at least one object is known."""

_TYPED_BRANCHES = tuple({".".join(oid.split(".")[:_BRANCH_ARCS]) + "." for oid in _CONVENTIONS})

_UNEVEN = frozenset(oid.rpartition(".")[0] for oid in (*_NAMES, *_CONVENTIONS))

_ADMIN_STATUS = {"1": "up", "2": "down", "3": "testing"}
LABELS = {
    "ifAdminStatus": _ADMIN_STATUS,
    "ifOperStatus": {
        **_ADMIN_STATUS,
        "4": "unknown",
        "5": "dormant",
        "6": "notPresent",
        "7": "lowerLayerDown",
    },
}
"""Labels of enumeration values, by object; RFC 2863."""


_LABELLED = {
    name: {value: f"{word}({value})" for value, word in words.items()} for name, words in LABELS.items()
}


def name_of(oid: str) -> str | None:
    """Return the name of an object with its instance (`ifDescr.7`), or of a trap; None if unknown."""
    column, _, instance = oid.rpartition(".")
    name = _NAMES.get(column)
    if name:
        return f"{name}.{instance}"
    return _name_above(oid) if oid.startswith(_BRANCHES) else None


def is_even(column: str) -> bool:
    """Return True if all OIDs with one more arc than a column have the same name and type."""
    return column not in _UNEVEN


def convention_of(oid: str) -> str:
    """Return the textual convention of an OCTET STRING object; empty when it is not known.

    Args:
        oid: With the instance, which may have several arcs.
    """
    convention = _CONVENTIONS.get(oid.rpartition(".")[0])
    if convention:
        return convention
    return _convention_above(oid) if oid.startswith(_TYPED_BRANCHES) else ""


@lru_cache(maxsize=CACHED_NAMES)
def _convention_above(oid: str) -> str:
    stem = oid
    while stem:
        if stem in _CONVENTIONS:
            return _CONVENTIONS[stem]
        stem = stem.rpartition(".")[0]
    return ""


@lru_cache(maxsize=CACHED_NAMES)
def _name_above(oid: str) -> str | None:
    """Return the convention of the longest known prefix: an instance may have many arcs."""
    stem = oid
    while stem:
        if stem in _NAMES:
            return _NAMES[stem] + oid[len(stem) :]
        stem = stem.rpartition(".")[0]
    return None


def label_of(name: str, value: str) -> str:
    """Return the number of a known enumeration with its label: `down(2)`.

    Args:
        name: Name of the object, with or without instance.
    """
    return labels_of(name).get(value, value)


def labels_of(name: str) -> Mapping[str, str]:
    """Return the labels of an object's numbers, by number; empty if it has none."""
    return _LABELLED.get(name.partition(".")[0], {})


PORT_NAMES = (OBJECTS["ifName"], OBJECTS["ifDescr"])
"""Columns that name a port; the first one with text is used."""

PORT_ALIAS = OBJECTS["ifAlias"]
LONGEST_PORT_NAME = 60


def port_name(texts: Mapping[str, str]) -> str:
    """Return the name of a port with its description: `Gi0/24 to access ring`.

    Args:
        texts: By column; others than ifName, ifDescr and ifAlias are ignored.

    Returns:
        One line; empty when no column names the port.
    """
    name = next(filter(None, (_one_line(texts.get(column, "")) for column in PORT_NAMES)), "")
    alias = _one_line(texts.get(PORT_ALIAS, ""))
    return " ".join(filter(None, (name, "" if alias == name else alias))) if name else ""


def _one_line(text: str) -> str:
    return without_placeholders(folded(text, LONGEST_PORT_NAME))
