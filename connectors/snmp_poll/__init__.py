"""SNMP poller: reachability, ports, sensors, load and routing neighbours of devices."""

from connectors.snmp_poll.config import SnmpPollConfig
from connectors.snmp_poll.source import SnmpPollSource
from opsconductor.connector.abilities import abandons_scopes, verifies
from opsconductor.connector.connector_type import source_type

TYPE = source_type(
    "snmp_poll",
    SnmpPollConfig,
    SnmpPollSource,
    abandons_scopes(SnmpPollSource),
    verifies(SnmpPollSource),
)
