"""SNMP traps and informs: v1, v2c and v3 over UDP."""

from connectors.snmp_trap.config import SnmpTrapConfig
from connectors.snmp_trap.source import SnmpTrapSource
from opsconductor.connector.abilities import keeps_samples, listens
from opsconductor.connector.connector_type import source_type

TYPE = source_type(
    "snmp_trap",
    SnmpTrapConfig,
    SnmpTrapSource,
    keeps_samples(SnmpTrapSource),
    listens(SnmpTrapSource),
)
