"""Paessler PRTG Network Monitor: polled, told by webhook, and told of acknowledgements."""

from connectors.prtg.config import PrtgConfig
from connectors.prtg.source import PrtgSource
from opsconductor.connector.interface import Kind

KIND = Kind(name="prtg", config=PrtgConfig, build=PrtgSource)
