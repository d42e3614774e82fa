"""Names and types that are known without a module that defines them.

Source:
    RFC 2578, RFC 2579, RFC 1155, RFC 1213, RFC 3411, RFC 4001, RFC 2863.
"""

from opsconductor.mib.compiler.form import Syntax, TypeForm

BASE_TYPES = {
    "INTEGER": "INTEGER",
    "Integer32": "INTEGER",
    "Unsigned32": "Gauge32",
    "UInteger32": "Gauge32",
    "OCTET STRING": "OCTET STRING",
    "OBJECT IDENTIFIER": "OBJECT IDENTIFIER",
    "ObjectName": "OBJECT IDENTIFIER",
    "NotificationName": "OBJECT IDENTIFIER",
    "IpAddress": "IpAddress",
    "NetworkAddress": "IpAddress",
    "Counter": "Counter32",
    "Counter32": "Counter32",
    "Counter64": "Counter64",
    "Gauge": "Gauge32",
    "Gauge32": "Gauge32",
    "TimeTicks": "TimeTicks",
    "Opaque": "Opaque",
    "BITS": "BITS",
}
"""Base type as facts name it, by how modules write it."""

NAMES = {
    "ccitt": "0",
    "zeroDotZero": "0.0",
    "iso": "1",
    "joint-iso-ccitt": "2",
    "org": "1.3",
    "dod": "1.3.6",
    "internet": "1.3.6.1",
    "directory": "1.3.6.1.1",
    "mgmt": "1.3.6.1.2",
    "mib-2": "1.3.6.1.2.1",
    "transmission": "1.3.6.1.2.1.10",
    "experimental": "1.3.6.1.3",
    "private": "1.3.6.1.4",
    "enterprises": "1.3.6.1.4.1",
    "snmpV2": "1.3.6.1.6",
    "snmpDomains": "1.3.6.1.6.1",
    "snmpProxys": "1.3.6.1.6.2",
    "snmpModules": "1.3.6.1.6.3",
    "snmpMIB": "1.3.6.1.6.3.1",
    "snmpMIBObjects": "1.3.6.1.6.3.1.1",
    "snmpTraps": "1.3.6.1.6.3.1.1.5",
}
"""OID by name, for names that a module uses though nothing defines them."""

GROUPS = {
    "security": "1.3.6.1.5",
    "system": "1.3.6.1.2.1.1",
    "interfaces": "1.3.6.1.2.1.2",
    "at": "1.3.6.1.2.1.3",
    "ip": "1.3.6.1.2.1.4",
    "icmp": "1.3.6.1.2.1.5",
    "tcp": "1.3.6.1.2.1.6",
    "udp": "1.3.6.1.2.1.7",
    "egp": "1.3.6.1.2.1.8",
    "snmp": "1.3.6.1.2.1.11",
}
"""Names so common that they count only when they are imported from a standard module, or from none."""

STANDARD_MODULES = ("RFC", "SNMP", "MIB-II")
"""How the names of the modules begin from which these names are imported."""


def _octets(hint: str = "", size: int | None = None) -> TypeForm:
    return TypeForm(Syntax("OCTET STRING", size=size), hint)


def _number(*labels: tuple[int, str], base: str = "INTEGER", hint: str = "") -> TypeForm:
    return TypeForm(Syntax(base, labels), hint)


_TRUTH = ((1, "true"), (2, "false"))
_ADDRESS_TYPES = ((0, "unknown"), (1, "ipv4"), (2, "ipv6"), (3, "ipv4z"), (4, "ipv6z"), (16, "dns"))
_ROW_STATUS = (
    (1, "active"), (2, "notInService"), (3, "notReady"), (4, "createAndGo"), (5, "createAndWait"), (6,
    "destroy"),
)  # fmt: skip
_STORAGE = ((1, "other"), (2, "volatile"), (3, "nonVolatile"), (4, "permanent"), (5, "readOnly"))

TYPES = {
    "DisplayString": _octets("255a"),
    "PhysAddress": _octets("1x:"),
    "MacAddress": _octets("1x:", 6),
    "TruthValue": _number(*_TRUTH),
    "TestAndIncr": _number(),
    "AutonomousType": TypeForm(Syntax("OBJECT IDENTIFIER")),
    "InstancePointer": TypeForm(Syntax("OBJECT IDENTIFIER")),
    "VariablePointer": TypeForm(Syntax("OBJECT IDENTIFIER")),
    "RowPointer": TypeForm(Syntax("OBJECT IDENTIFIER")),
    "RowStatus": _number(*_ROW_STATUS),
    "TimeStamp": TypeForm(Syntax("TimeTicks")),
    "TimeInterval": _number(),
    "DateAndTime": _octets("2d-1d-1d,1d:1d:1d.1d,1a1d:1d"),
    "StorageType": _number(*_STORAGE),
    "TDomain": TypeForm(Syntax("OBJECT IDENTIFIER")),
    "TAddress": _octets(),
    "SnmpAdminString": _octets("255t"),
    "SnmpEngineID": _octets(),
    "SnmpSecurityModel": _number(),
    "SnmpMessageProcessingModel": _number(),
    "InterfaceIndex": _number(hint="d"),
    "InterfaceIndexOrZero": _number(hint="d"),
    "OwnerString": _octets("255a"),
    "InetAddressType": _number(*_ADDRESS_TYPES),
    "InetAddress": _octets(),
    "InetAddressIPv4": _octets("1d.1d.1d.1d", 4),
    "InetAddressIPv6": _octets("2x:2x:2x:2x:2x:2x:2x:2x", 16),
    "InetAddressPrefixLength": TypeForm(Syntax("Unsigned32"), "d"),
    "InetPortNumber": TypeForm(Syntax("Unsigned32"), "d"),
}
"""Textual conventions that modules use most."""
