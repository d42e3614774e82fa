"""On-call schedules: layers of rotations, and overrides."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from opsconductor.model.notifications.time_window import RecurringWindow

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A rotation: participants take turns of one length.

    Attributes:
        name: Unique in its schedule.
        starts: Local date of the first turn.
        handover: Minutes after midnight at which the first turn begins.
        every: Length of a turn on the local clock, in whole hours: a handover at 08:00 stays at 08:00 when
            the clock is moved.
        participants: Names of persons, in order.
        restricted_to: The layer is in force within these windows only; empty: always.
    """

    name: str
    starts: date
    handover: int = 0
    every: timedelta = WEEK
    participants: tuple[str, ...]
    restricted_to: tuple[RecurringWindow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyOverride:
    """A person on call in place of the one whom the layers name.

    Attributes:
        begin: Included.
        end: Not included.
        number: Of several that overlap, the one with the highest number applies.
    """

    person: str
    begin: datetime
    end: datetime
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Who is on call when.

    Attributes:
        zone: Name in the IANA time zone database, of handovers and windows.
        layers: A later one goes before an earlier one where both name a person.
        overrides: They go before all layers.
    """

    name: str
    zone: str
    layers: tuple[Layer, ...] = ()
    overrides: tuple[DutyOverride, ...] = ()

    @property
    def participants(self) -> tuple[str, ...]:
        """Return the participants of all layers, each once."""
        return tuple(dict.fromkeys(name for layer in self.layers for name in layer.participants))
