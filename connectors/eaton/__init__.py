"""Eaton UPSs and rack PDUs, and UPSs of other vendors, by SNMP."""

from connectors.eaton.config import EatonConfig
from connectors.eaton.source import EatonSource
from opsconductor.connector.connector_type import abandons_scopes, source_type, verifies

TYPE = source_type("eaton", EatonConfig, EatonSource, abandons_scopes(EatonSource), verifies(EatonSource))
