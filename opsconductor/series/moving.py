"""Which series belong to devices whose key or name has changed in the inventory; pure."""

from collections.abc import Iterable, Iterator

from opsconductor.inventory.identify import LONGEST_NAME, place_at
from opsconductor.inventory.snapshot import InventorySnapshot, name_in_alerts
from opsconductor.model.text import one_line
from opsconductor.series.points import SeriesDescription
from opsconductor.store.series.rows import MovedSeries


def moved_by(inventory: InventorySnapshot, known: Iterable[SeriesDescription]) -> Iterator[MovedSeries]:
    """Yield the series whose device has another key, name or row in the inventory than stored.

    A device is recognized by its row, then by its key. Series of devices that are in no inventory (any more)
    stay as they are, until their points are too old.
    """
    by_id = {device.id: device for device in inventory.devices}
    for series in known:
        device = by_id.get(series.device_id) if series.device_id is not None else None
        device = device or inventory.device_of(series.device)
        if device is None:
            continue
        place = place_at(device)
        key = place.device_ip or one_line(name_in_alerts(device.key), LONGEST_NAME)
        if (key, place.device_name, device.id) != (series.device, series.device_name, series.device_id):
            yield MovedSeries(id=series.id, device=key, device_name=place.device_name, device_id=device.id)
