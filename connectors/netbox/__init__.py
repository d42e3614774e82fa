"""Inventory source: devices, virtual machines and their dependencies from NetBox."""

from connectors.netbox.config import NetboxConfig
from connectors.netbox.inventory import NetboxInventory
from opsconductor.connector.connector_type import inventory_type, receives_posts

TYPE = inventory_type("netbox", NetboxConfig, NetboxInventory, receives_posts(NetboxInventory))
