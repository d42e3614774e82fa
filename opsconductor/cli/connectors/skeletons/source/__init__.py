"""Acme: receives JSON lines over TCP."""

from opsconductor.connector.connector_type import source_type

from .config import AcmeConfig
from .source import AcmeSource

TYPE = source_type("acme", AcmeConfig, AcmeSource)
