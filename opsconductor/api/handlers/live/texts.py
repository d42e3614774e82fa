"""Alerts as JSON, made once for all clients that follow them."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from opsconductor.api.alert_views import alert_view
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.limits import BoundedMap
from opsconductor.model.alert import Alert

MOST_TEXTS = 2_000
"""Alerts whose JSON is kept: four messages of the largest size, some megabytes."""


class AlertTexts:
    """The JSON of the latest alerts; for a hundred clients each would be made a hundred times.

    All clients learn of a change in the same iteration of the event loop: they take turns, so that it does
    other work between them.
    """

    def __init__(self) -> None:
        self._made: BoundedMap[int, tuple[Alert, InventorySnapshot, bytes]] = BoundedMap(MOST_TEXTS)
        self._turn = asyncio.Lock()

    async def of(self, alerts: Sequence[Alert], inventory: InventorySnapshot) -> Sequence[bytes]:
        """Return the alerts as JSON, in their order."""
        if not alerts:
            return ()
        async with self._turn:
            await asyncio.sleep(0)
            return [self._text(alert, inventory) for alert in alerts]

    def _text(self, alert: Alert, inventory: InventorySnapshot) -> bytes:
        made = self._made.get(id(alert))
        if made is not None and made[0] is alert and made[1] is inventory:
            return made[2]
        text = alert_view(alert, inventory).model_dump_json(by_alias=True).encode()
        self._made[id(alert)] = (alert, inventory, text)
        return text


texts: web.AppKey[AlertTexts] = web.AppKey("texts", AlertTexts)
