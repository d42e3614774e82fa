"""Detection of alerts that change between problem and clear too often; pure."""

from datetime import datetime

from opsconductor.config.settings import EngineSettings
from opsconductor.engine.clock import earlier, later
from opsconductor.model.alert import Alert


def with_transition(
    transitions: tuple[datetime, ...], now: datetime, settings: EngineSettings
) -> tuple[datetime, ...]:
    """Return the changes between problem and clear with a new one, without those that no longer count."""
    since = earlier(now, settings.flap_window)
    counted = (*(at for at in transitions if since < at <= now), now)
    return counted[-settings.flap_transitions :]


def is_too_often(transitions: tuple[datetime, ...], settings: EngineSettings) -> bool:
    """Return True if this many changes within the flap window are flapping."""
    return len(transitions) >= settings.flap_transitions


def stable_at(alert: Alert, settings: EngineSettings) -> datetime:
    """Return when a flapping alert will have been stable for long enough."""
    last = alert.transitions[-1] if alert.transitions else alert.flapping_since
    assert last is not None
    return later(last, settings.flap_stable_time)
