"""Eaton UPSs and rack PDUs, and UPSs of other makers, by SNMP."""

from connectors.eaton.config import EatonConfig
from connectors.eaton.source import EatonSource
from opsconductor.connector.interface import Kind

KIND = Kind(name="eaton", config=EatonConfig, build=EatonSource)
