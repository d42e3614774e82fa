"""What notification rules are evaluated on: an alert, what has happened to it, its device, and the time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from opsconductor.model.alert import Alert
from opsconductor.model.enums import AlertEvent, Status
from opsconductor.model.inventory.device import DeviceFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One alert at one time.

    Attributes:
        device: Of the inventory; None: it is not listed there.
    """

    alert: Alert
    event: AlertEvent
    at: datetime
    device: DeviceFacts | None = None


def begun_at(situation: Situation) -> datetime:
    """Return when the problem occurred."""
    return situation.alert.occurred_at


def waiting_since(situation: Situation) -> datetime | None:
    """Return since when an alert has waited for an acknowledgement; None: it does not wait."""
    alert = situation.alert
    if alert.status is not Status.ACTIVE:
        return None
    return alert.unacknowledged_since or alert.received_at


def site_of(situation: Situation) -> str | None:
    """Return the device's site."""
    return situation.device.site if situation.device is not None else None


def role_of(situation: Situation) -> str | None:
    """Return the device's role."""
    return situation.device.role if situation.device is not None else None


def status_of(situation: Situation) -> str | None:
    """Return the device's status in the inventory."""
    return situation.device.status if situation.device is not None else None


def tags_of(situation: Situation) -> tuple[str, ...]:
    """Return the device's tags."""
    return situation.device.tags if situation.device is not None else ()


def field_of(situation: Situation, name: str) -> tuple[str, ...]:
    """Return the values of a custom field of the alert, or else of its device, as text."""
    fields: Mapping[str, object] = situation.alert.custom_fields
    if name not in fields and situation.device is not None:
        fields = situation.device.custom_fields
    value = fields.get(name)
    if value is None:
        return ()
    return texts_of(value if isinstance(value, list | tuple) else (value,))


def texts_of(values: Iterable[object]) -> tuple[str, ...]:
    """Return values as text, as patterns are compared with them."""
    return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)


def spelled(length: timedelta) -> str:
    """Return a duration as text, in whole seconds: `1h30m`."""
    rest, text = int(length.total_seconds()), ""
    for unit, seconds in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, seconds)
        text += f"{count}{unit}" if count else ""
    return text or "0s"
