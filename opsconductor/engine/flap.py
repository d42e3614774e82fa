"""Detects alerts that change between problem and clear too often; pure."""

from datetime import datetime

from opsconductor.config.settings import EngineSettings
from opsconductor.engine.clock import earlier, later
from opsconductor.model.alert import Alert


def with_transition(
    transitions: tuple[datetime, ...], now: datetime, settings: EngineSettings
) -> tuple[datetime, ...]:
    """Add a change between problem and clear, and forget those that no longer count."""
    since = earlier(now, settings.flap_window)
    counted = (*(at for at in transitions if since < at <= now), now)
    return counted[-settings.flap_transitions :]


def is_too_often(transitions: tuple[datetime, ...], settings: EngineSettings) -> bool:
    """Tell whether so many changes within the flap window are flapping."""
    return len(transitions) >= settings.flap_transitions


def stable_at(alert: Alert, settings: EngineSettings) -> datetime:
    """Tell when a flapping alert will have been without a change for long enough."""
    last = alert.transitions[-1] if alert.transitions else alert.flapping_since
    assert last is not None
    return later(last, settings.flap_stable_time)
