"""Inventories on a stage of the API, controlled by the test."""

from opsconductor.errors import InventoryConflict
from opsconductor.model.inventory.listed import InventoryChanges, InventoryLoss
from opsconductor.store.access.audit import Author
from opsconductor.store.inventory.missing import MissingDependency


class Shelf:
    """The inventories of a stage.

    Attributes:
        waiting: What would go, by connector.
        found: The dependencies that are missing.
        accepted: By whom what was let go.
    """

    def __init__(self) -> None:
        self.waiting: dict[str, InventoryLoss] = {}
        self.found: list[MissingDependency] = []
        self.accepted: list[tuple[str, str]] = []

    def present_waiting(self) -> dict[str, InventoryLoss]:
        """Return the removals that wait."""
        return self.waiting

    async def accept(self, connector: str, expected: tuple[int, int], by: Author) -> InventoryChanges:
        """Accept removals when they are those that were shown."""
        loss = self.waiting.get(connector)
        if loss is None or (loss.devices, loss.dependencies) != expected:
            raise InventoryConflict("by now something else would be retired")
        del self.waiting[connector]
        self.accepted.append((connector, by.name))
        return InventoryChanges(devices_retired=loss.devices)

    async def missing(self, connector: str | None) -> list[MissingDependency]:
        """List what is missing."""
        return [each for each in self.found if connector in (None, each.found_by)]

    async def forget(self, connector: str | None, by: Author) -> list[MissingDependency]:
        """Remove it."""
        gone = await self.missing(connector)
        self.accepted.append((connector or "", by.name))
        self.found = [each for each in self.found if each not in gone]
        return gone
