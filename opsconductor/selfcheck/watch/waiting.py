"""Alerts on inventories in which far too much would be retired at once; pure."""

from collections.abc import Iterator, Mapping

from opsconductor.model.enums import Severity
from opsconductor.model.inventory.listed import InventoryLoss
from opsconductor.selfcheck.watch.trouble import Trouble


def troubles_of_losses(waiting: Mapping[str, InventoryLoss]) -> Iterator[Trouble]:
    """Return one for each connector with a loss that awaits confirmation."""
    return (_waiting(name, loss) for name, loss in waiting.items())


def _waiting(connector: str, loss: InventoryLoss) -> Trouble:
    named = f" Among them: {', '.join(loss.names)}." if loss.names else ""
    return Trouble(
        alert_type="application_inventory_waits",
        severity=Severity.MAJOR,
        title=f"Inventory Lists Far Less - {connector}",
        message=f"{loss.summary} are no longer listed. They are kept: check whether its user lost "
        f"permissions. If they are really gone: opsconductor inventory accept {connector}.{named}",
        resource=f"connector={connector}",
    )
