"""Paessler PRTG Network Monitor: polling, notifications, and acknowledgements in both directions."""

from connectors.prtg.config import PrtgConfig
from connectors.prtg.source import PrtgSource
from opsconductor.connector.abilities import acknowledges, receives_posts
from opsconductor.connector.connector_type import source_type

TYPE = source_type("prtg", PrtgConfig, PrtgSource, acknowledges(PrtgSource), receives_posts(PrtgSource))
