"""Devices that are asked by SNMP: whether they are there, their ports, sensors, load and neighbours."""

from connectors.snmp_poll.config import SnmpPollConfig
from connectors.snmp_poll.source import SnmpPollSource
from opsconductor.connector.interface import Kind

KIND = Kind(name="snmp_poll", config=SnmpPollConfig, build=SnmpPollSource)
