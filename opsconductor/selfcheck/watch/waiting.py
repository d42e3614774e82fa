"""Alerts on inventories of which far too much would go at once; pure."""

from collections.abc import Iterator, Mapping

from opsconductor.model.enums import Severity
from opsconductor.model.inventory import InventoryLoss
from opsconductor.selfcheck.watch.trouble import Trouble


def troubles_of_losses(waiting: Mapping[str, InventoryLoss]) -> Iterator[Trouble]:
    """Return one for each connector of whose inventory something waits for confirmation."""
    return (_waiting(name, loss) for name, loss in waiting.items())


def _waiting(connector: str, loss: InventoryLoss) -> Trouble:
    named = f" Among them: {', '.join(loss.names)}." if loss.names else ""
    return Trouble(
        alert_type="application_inventory_waits",
        severity=Severity.MAJOR,
        title=f"Inventory Shows Far Less - {connector}",
        message=f"{loss.summary} are listed no more. They stay as they are: look whether the permission of "
        f"its user was narrowed. If they are gone indeed: opsconductor inventory accept {connector}.{named}",
        resource=f"connector={connector}",
    )
