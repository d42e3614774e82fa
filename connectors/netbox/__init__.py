"""Inventory source: devices, virtual machines and their dependencies from NetBox."""

from connectors.netbox.config import NetboxConfig
from connectors.netbox.inventory import NetboxInventory
from opsconductor.connector.abilities import receives_posts
from opsconductor.connector.connector_type import inventory_type

TYPE = inventory_type("netbox", NetboxConfig, NetboxInventory, receives_posts(NetboxInventory))
