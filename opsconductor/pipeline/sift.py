"""Search for the alerts on which the engine fails, so that it works with all others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from opsconductor.engine.engine import Engine
from opsconductor.engine.grouping.batches import UnreadableDocument
from opsconductor.guard import guarded_data
from opsconductor.model.alert import Alert
from opsconductor.model.changes import EngineDocument

MOST_UNUSABLE = 100
"""If more alerts than these seem to be at fault, the cause is not in the alerts."""
MOST_TICKS = 1_000

Unusable = list[tuple[Alert | EngineDocument, Exception]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredState:
    """What the database holds of the engine's state.

    Attributes:
        documents: What belongs to no single alert.
    """

    alerts: Sequence[Alert]
    documents: Sequence[EngineDocument] = ()


def load_sifted(
    make: Callable[[], Engine], state: StoredState, now: datetime, *, is_suspect: bool
) -> tuple[Engine, Unusable]:
    """Return an engine that holds the stored state, without what it cannot work with.

    Args:
        make: Returns an empty engine.
        is_suspect: The engine has failed with them: also run what is due now.

    Raises:
        Exception: One of `DATA_ERRORS`: it fails although no single alert is at fault.
    """
    unusable: Unusable = []
    with guarded_data() as loading:
        if is_suspect:
            _try_out(make, state, now)
        engine, unreadable = _loaded(make, state, now)
        return engine, [*unreadable]
    assert loading.error is not None
    _try_out(make, replace(state, alerts=()), now)
    _search(make, state, now, unusable)
    if not unusable:
        raise loading.error
    bad = {each.id for each, _ in unusable if isinstance(each, Alert)}
    usable = replace(state, alerts=[alert for alert in state.alerts if alert.id not in bad])
    _try_out(make, usable, now)
    engine, unreadable = _loaded(make, usable, now)
    return engine, [*unusable, *unreadable]


def _loaded(
    make: Callable[[], Engine], state: StoredState, now: datetime
) -> tuple[Engine, Sequence[UnreadableDocument]]:
    engine = make()
    unreadable = engine.load(state.alerts, now, state.documents)
    return engine, unreadable


def _try_out(make: Callable[[], Engine], state: StoredState, now: datetime) -> None:
    """Run whatever is due in a separate engine, discarding its decisions."""
    engine, _ = _loaded(make, state, now)
    for _ in range(MOST_TICKS):
        due = engine.next_due()
        if due is None or due > now:
            return
        engine.tick(now)


def _search(make: Callable[[], Engine], state: StoredState, now: datetime, found: Unusable) -> None:
    """Bisect the alerts as long as the engine fails with them.

    Raises:
        Exception: One of `DATA_ERRORS`: too many seem to be at fault.
    """
    alerts = state.alerts
    if not alerts:
        return
    with guarded_data() as trying:
        _try_out(make, state, now)
    if trying.error is None:
        return
    if len(alerts) > 1:
        middle = len(alerts) // 2
        _search(make, replace(state, alerts=alerts[:middle]), now, found)
        _search(make, replace(state, alerts=alerts[middle:]), now, found)
        return
    if len(found) >= MOST_UNUSABLE:
        raise trying.error
    found.append((alerts[0], trying.error))
