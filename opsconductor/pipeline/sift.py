"""Search for the alerts on which the engine fails, so that it works with all others."""

from collections.abc import Callable, Sequence
from datetime import datetime

from opsconductor.engine.engine import Engine
from opsconductor.guard import guarded_data
from opsconductor.model.alert import Alert

MOST_UNUSABLE = 100
"""If more alerts than these seem to be at fault, the cause is not in the alerts."""
MOST_TICKS = 1_000

Unusable = list[tuple[Alert, Exception]]


def load_sifted(
    make: Callable[[], Engine], alerts: Sequence[Alert], now: datetime, *, is_suspect: bool
) -> tuple[Engine, Unusable]:
    """Return an engine that holds the alerts, without those on which it fails.

    Args:
        make: Returns an empty engine.
        is_suspect: The engine has failed with them: also run what is due now.

    Raises:
        Exception: One of `DATA_ERRORS`: it fails although no single alert is at fault.
    """
    unusable: Unusable = []
    with guarded_data() as loading:
        if is_suspect:
            _try_out(make, alerts, now)
        return _loaded(make, alerts, now), unusable
    assert loading.error is not None
    _try_out(make, (), now)
    _search(make, alerts, now, unusable)
    if not unusable:
        raise loading.error
    bad = {alert.id for alert, _ in unusable}
    usable = [alert for alert in alerts if alert.id not in bad]
    _try_out(make, usable, now)
    return _loaded(make, usable, now), unusable


def _loaded(make: Callable[[], Engine], alerts: Sequence[Alert], now: datetime) -> Engine:
    engine = make()
    engine.load(alerts, now)
    return engine


def _try_out(make: Callable[[], Engine], alerts: Sequence[Alert], now: datetime) -> None:
    """Run whatever is due in a separate engine, discarding its decisions."""
    engine = _loaded(make, alerts, now)
    for _ in range(MOST_TICKS):
        due = engine.next_due()
        if due is None or due > now:
            return
        engine.tick(now)


def _search(make: Callable[[], Engine], alerts: Sequence[Alert], now: datetime, found: Unusable) -> None:
    """Bisect the alerts as long as the engine fails with them.

    Raises:
        Exception: One of `DATA_ERRORS`: too many seem to be at fault.
    """
    if not alerts:
        return
    with guarded_data() as trying:
        _try_out(make, alerts, now)
    if trying.error is None:
        return
    if len(alerts) > 1:
        middle = len(alerts) // 2
        _search(make, alerts[:middle], now, found)
        _search(make, alerts[middle:], now, found)
        return
    if len(found) >= MOST_UNUSABLE:
        raise trying.error
    found.append((alerts[0], trying.error))
