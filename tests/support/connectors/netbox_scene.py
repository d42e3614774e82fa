"""An engine with an inventory from NetBox."""

from uuid import UUID

from opsconductor.model.inventory.device import Dependency, Device
from opsconductor.model.inventory.listed import Inventory
from tests.support.engine.pipeline_scene import Scene


def scene_of(found: Inventory, **settings: object) -> Scene:
    """Set the engine up with an inventory."""
    devices = [
        Device(
            id=UUID(int=each.external_id),
            ip_address=each.ip_address,
            name=each.name,
            addresses=each.addresses,
        )
        for each in found.devices
    ]
    dependencies = [
        Dependency(
            device_ip=each.device_ip,
            depends_on_ip=each.depends_on_ip,
            dependency_type=each.dependency_type,
            via_resources=each.via_resources,
            confidence=each.confidence,
        )
        for each in found.dependencies
    ]
    return Scene(dependencies, devices=devices, **settings)
