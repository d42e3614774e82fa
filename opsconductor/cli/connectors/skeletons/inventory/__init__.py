"""Acme: devices from a JSON file."""

from opsconductor.connector.connector_type import inventory_type

from .config import AcmeConfig
from .inventory import AcmeInventory

TYPE = inventory_type("acme", AcmeConfig, AcmeInventory)
