"""SNMP poller: reachability, ports, sensors, load and routing neighbours of devices."""

from connectors.snmp_poll.config import SnmpPollConfig
from connectors.snmp_poll.source import SnmpPollSource
from opsconductor.connector.connector_type import abandons_scopes, source_type, verifies

TYPE = source_type(
    "snmp_poll",
    SnmpPollConfig,
    SnmpPollSource,
    abandons_scopes(SnmpPollSource),
    verifies(SnmpPollSource),
)
