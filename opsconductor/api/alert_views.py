"""Alerts as answers show them: their visible fields, and what the present inventory knows."""

from opsconductor.api.views import AlertView
from opsconductor.engine.alert_index import device_key
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert


def alert_view(alert: Alert, inventory: InventorySnapshot) -> AlertView:
    """Return an alert as lists and the live feed show it."""
    device = inventory.device_at(device_key(alert))
    view = AlertView.model_validate(alert)
    return view if device is None else view.model_copy(update={"site": device.site})
