"""Which alerts cut a path where it leaves its provider; pure."""

from collections.abc import Callable, Sequence
from enum import Enum, auto

from opsconductor.engine.alert_index import AlertIndex
from opsconductor.inventory.graph import Path
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Category


class Cut(Enum):
    """How a path is cut."""

    WHOLE = auto()
    """By an alert about its provider as a whole, or about any resource when it names none."""
    RESOURCES = auto()
    """By alerts about every resource that carries it."""


def cut_by(path: Path, alerts: Sequence[Alert]) -> Cut | None:
    """Return how a path is cut by its `cutters`; None: it is not."""
    if not alerts:
        return None
    return Cut.RESOURCES if path.via and alerts[0].resource else Cut.WHOLE


def cutters(book: AlertIndex, path: Path, cuts_traffic: Callable[[str, Alert], bool]) -> Sequence[Alert]:
    """List the alerts at a provider that cut a path: any, or those on all resources that carry it.

    Args:
        cuts_traffic: Checks whether an alert of a device cuts more than management.
    """
    alerts = [book.open[each] for each in book.cutting.each(path.provider)]
    if path.is_power:
        alerts = [alert for alert in alerts if alert.category is Category.POWER]
    if not path.is_management:
        alerts = [alert for alert in alerts if cuts_traffic(path.provider, alert)]
    if not path.via or not alerts:
        return alerts
    whole = [alert for alert in alerts if not alert.resource]
    if whole or not set(path.via) <= {alert.resource for alert in alerts}:
        return whole
    return [alert for alert in alerts if alert.resource in path.via]
