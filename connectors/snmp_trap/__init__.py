"""SNMP traps and informs: v1, v2c and v3 over UDP."""

from connectors.snmp_trap.config import SnmpTrapConfig
from connectors.snmp_trap.source import SnmpTrapSource
from opsconductor.connector.interface import Kind

KIND = Kind(name="snmp_trap", config=SnmpTrapConfig, build=SnmpTrapSource)
