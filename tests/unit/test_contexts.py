"""Questions that connectors may ask the daemon."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import pytest

from opsconductor.app.configuring.runtime import Runtime
from opsconductor.app.contexts import ConnectorContexts
from opsconductor.config.settings import EngineSettings
from opsconductor.engine.engine import Engine
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.address import device_of
from opsconductor.model.enums import Severity
from opsconductor.model.inventory.device import Device
from tests.support.engine.pipeline_scene import report

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KIND = "power_battery_low"


@pytest.mark.parametrize(
    "devices", [(), (Device(id=UUID(int=1), ip_address="10.1.1.1", name="ups-a"),)], ids=["unknown", "known"]
)
@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("127.0.0.1", "ups-a"),
        ("127.0.0.1", None),
        ("::1", "ups-a"),
        ("10.1.1.1", "ups-a"),
        ("10.1.1.1", None),
    ],
)
def test_a_poller_finds_the_open_alert_of_its_own_report(
    address: str, name: str | None, devices: tuple[Device, ...]
) -> None:
    """The alert is found even when the device is polled through loopback, which then names no device."""
    inventory = InventorySnapshot(devices)
    engine = Engine(EngineSettings(), inventory, ())
    engine.apply(identify([report(address, KIND, device_name=name, at=NOW)], inventory), NOW)
    live = cast("Runtime", SimpleNamespace(configuration=SimpleNamespace(inventory=inventory)))
    contexts = ConnectorContexts(live=live, engine=lambda: engine)
    assert contexts.severity_of(device_of(address, name), KIND, "") is Severity.MAJOR
    (found,) = contexts.alerts_of(device_of(address, name))
    assert found.alert_type == KIND
    assert not contexts.alerts_of("10.9.9.9")
