"""The devices behind a device: those that are cut off without it."""

from collections import deque

from opsconductor.inventory.snapshot import InventorySnapshot


def devices_behind(inventory: InventorySnapshot, name: str) -> frozenset[str]:
    """Return the keys of a device and of all devices that lack a path for one of their needs without it.

    A device with a redundant path around it is not behind it: what happens there is not due to the work.
    """
    graph = inventory.graph
    found = {inventory.key_of(name)}
    waiting = deque(found)
    while waiting:
        for device in graph.dependents.get(waiting.popleft(), ()):
            if device not in found and any(
                all(path.provider in found for path in need.paths) for need in graph.needs.get(device, ())
            ):
                found.add(device)
                waiting.append(device)
    return frozenset(found)
