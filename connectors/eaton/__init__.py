"""Eaton UPSs and rack PDUs, and UPSs of other vendors, by SNMP."""

from connectors.eaton.config import EatonConfig
from connectors.eaton.source import EatonSource
from opsconductor.connector.abilities import abandons_scopes, verifies
from opsconductor.connector.connector_type import source_type

TYPE = source_type("eaton", EatonConfig, EatonSource, abandons_scopes(EatonSource), verifies(EatonSource))
