"""Findings on maintenance windows: never all good while everything is muted."""

from datetime import timedelta
from uuid import UUID

from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.model.notifications.rule import Conditions
from opsconductor.selfcheck.doctor.maintenance import judge_maintenance
from opsconductor.store.maintenance import MutedNow
from tests.support.engine.pipeline_scene import START

NOTHING = MutedNow(alerts=0, held=0, critical=0)
SITE = Conditions(site=("hamburg",))


def window(name: str, *, days: float, conditions: Conditions = SITE, fault: str = "") -> MaintenanceWindow:
    """Declare a window that has begun."""
    return MaintenanceWindow(
        id=UUID(int=1),
        name=name,
        start_at=START - timedelta(days=1),
        end_at=START + timedelta(days=days),
        conditions=conditions,
        fault=fault,
    )


def judged(*windows: MaintenanceWindow, muted: MutedNow = NOTHING) -> list[tuple[str, str]]:
    """List verdict and text of all findings."""
    return [(str(each.verdict), each.text) for each in judge_maintenance(windows, muted, START)]


def test_a_usual_window_is_good_and_its_effect_is_shown() -> None:
    """How many alerts it mutes, and how many wait for its end, critical ones separately."""
    muted = MutedNow(alerts=12, held=3, critical=1)
    words = (
        "1 of 2 maintenance windows are active; 12 open alerts are muted by windows and shelves, "
        "of which 3 (1 critical) are notified at the end"
    )
    assert judged(window("work", days=1), window("over", days=-0.5), muted=muted) == [("ok", words)]


def test_a_window_that_mutes_everything_long_or_nothing_is_mentioned() -> None:
    """With its end, so that it is not forgotten."""
    found = judged(
        window("everything", days=1, conditions=Conditions()),
        window("long", days=45),
        window("odd", days=1, fault="it cannot be read"),
    )
    assert [verdict for verdict, _ in found] == ["bad", "warning", "warning", "ok"]
    texts = " ".join(text for _, text in found)
    assert "odd mutes nothing: it cannot be read" in texts
    assert "no alert is notified: everything mutes every alert until 2026-03-02" in texts
    assert "long mutes for 45 more days" in texts
