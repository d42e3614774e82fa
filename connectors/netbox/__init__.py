"""Knows devices, virtual machines and what they depend on, from NetBox."""

from connectors.netbox.config import NetboxConfig
from connectors.netbox.inventory import NetboxInventory
from opsconductor.connector.interface import Kind, Role, Surroundings


def build(config: NetboxConfig, surroundings: Surroundings) -> NetboxInventory:
    """Make the inventory; it connects when it runs."""
    return NetboxInventory(config, surroundings)


KIND = Kind(name="netbox", config=NetboxConfig, build=build, role=Role.INVENTORY)
