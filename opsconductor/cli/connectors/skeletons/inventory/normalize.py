"""Parser for the list of devices."""

import json
from datetime import datetime

from opsconductor.errors import Rejected
from opsconductor.model.inventory.listed import FoundDevice, Inventory


def inventory_of(content: bytes, taken_at: datetime) -> Inventory:
    """Return the devices of a file; raises Rejected if it is incomplete, so that nothing is retired."""
    try:
        rows = json.loads(content)
        devices = tuple(
            FoundDevice(external_id=int(row["id"]), ip_address=str(row["ip"]), name=str(row["name"]))
            for row in rows
        )
    except (ValueError, LookupError, TypeError) as error:
        raise Rejected("the file is not a JSON list of objects with id, ip and name") from error
    return Inventory(devices=devices, dependencies=(), taken_at=taken_at)
