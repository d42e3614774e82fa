"""The JSON of alerts in the live feed."""

import asyncio
import json
from collections.abc import Sequence

import pytest

from opsconductor.api.alert_views import alert_view
from opsconductor.api.handlers.live import texts as texts_module
from opsconductor.api.handlers.live.texts import AlertTexts
from opsconductor.api.views import AlertView
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from tests.support.engine.alert_changes import alert_of

INVENTORY = InventorySnapshot((), ())
ALERTS = tuple(map(alert_of, range(1, 6)))


async def test_it_is_made_once_for_all_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred clients get the same; another state, and another inventory, make it anew."""
    made: list[Alert] = []

    def view(alert: Alert, inventory: InventorySnapshot) -> AlertView:
        made.append(alert)
        return alert_view(alert, inventory)

    monkeypatch.setattr(texts_module, "alert_view", view)
    texts = AlertTexts()
    found: Sequence[Sequence[bytes]] = await asyncio.gather(
        *(texts.of(ALERTS, INVENTORY) for _ in range(100))
    )
    assert [json.loads(text)["id"] for text in found[0]] == [str(alert.id) for alert in ALERTS]
    assert found == [found[0]] * 100
    assert len(made) == 5
    await texts.of([alert_of(1, message="worse")], INVENTORY)
    await texts.of(ALERTS[:1], InventorySnapshot((), ()))
    assert len(made) == 7


async def test_the_event_loop_runs_between_two_clients() -> None:
    """All of them are woken by one change; what else is due is not done after all of them only."""
    texts, runs = AlertTexts(), 0

    async def run() -> None:
        nonlocal runs
        while True:
            runs += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(run())
    await asyncio.gather(*(texts.of(ALERTS, INVENTORY) for _ in range(50)))
    other.cancel()
    assert runs >= 50
