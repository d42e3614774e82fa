"""From lasting storms to the alerts about them."""

import asyncio
from datetime import UTC, datetime

from opsconductor.config.settings import StormSettings
from opsconductor.flood.limiter import FloodLimiter
from opsconductor.flood.reserves import AlertKind
from opsconductor.flood.storms import Storms
from opsconductor.ledger.ledger import Ledger
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.identified import IdentifiedReport
from opsconductor.selfcheck.watch import storms as watch
from opsconductor.selfcheck.watch.source import STORMS, SelfSource, storms_of
from tests.support.engine.pipeline_scene import START, report

MAJOR_LINK_DOWN = AlertKind(Severity.MAJOR, "network_link_down")
SETTINGS = StormSettings(sender_burst=2, sender_per_s=1)


def an_event(device_ip: str | None, device_name: str | None) -> IdentifiedReport:
    """Make an event of a device."""
    return IdentifiedReport(report(device_ip, at=START), device_ip, device_name, "f" * 64)


def test_storms_pass_the_intake_unchanged() -> None:
    """Devices with name or address, and all together; nothing else is in their snapshot."""
    storms = Storms(SETTINGS, "noc-1")
    now_s = START.timestamp()
    storms.start_device_storm("10.0.0.1", an_event("10.0.0.1", "core"), now_s)
    door = an_event(None, "door")
    storms.start_device_storm("door", door, now_s).withhold([door], MAJOR_LINK_DOWN, now_s)
    storms.start_global_storm(now_s)
    reports = storms.reports(START)
    snapshot = SelfSource().normalize(storms_of(reports, "noc-1"))
    assert snapshot.scope == STORMS
    kept = ("alert_type", "category", "severity", "title", "message", "device_ip", "device_name", "resource")
    assert [[getattr(alert, name) for name in kept] for alert in snapshot.alerts] == [
        [getattr(each, name) for name in kept] for each in reports
    ]
    assert [(alert.device_ip, alert.device_name, alert.severity) for alert in snapshot.alerts] == [
        ("10.0.0.1", "core", Severity.WARNING),
        (None, "door", Severity.MAJOR),
        (None, "noc-1", Severity.WARNING),
    ]


async def test_a_snapshot_is_sent_at_the_start_and_when_a_storm_begins_or_ends() -> None:
    """The first, without storms, ends those of an earlier run."""
    budget, ledger = FloodLimiter(SETTINGS, "noc-1"), Ledger()
    sent: list[RawEvent] = []
    came = asyncio.Event()

    async def emit(events: object) -> None:
        sent.extend(events)  # type: ignore[call-overload]
        came.set()

    watching = asyncio.create_task(watch.watch_storms(budget, ledger, emit))
    await came.wait()
    came.clear()
    budget._storms.start_device_storm("10.0.0.1", an_event("10.0.0.1", None), datetime.now(UTC).timestamp())
    await asyncio.wait_for(came.wait(), 5)
    watching.cancel()
    snapshots = [SelfSource().normalize(event).alerts for event in sent]
    assert [[alert.device_ip for alert in alerts] for alerts in snapshots] == [[], ["10.0.0.1"]]
    assert ledger.total("opsconductor", "received") == 2
