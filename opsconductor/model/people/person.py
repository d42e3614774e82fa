"""Persons and teams, and how they want to be reached."""

from dataclasses import dataclass

from opsconductor.model.enums import Priority, Severity
from opsconductor.model.notifications.rule import Failover
from opsconductor.model.notifications.time_window import RecurringWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMethod:
    """One way to reach a person.

    Attributes:
        channel: Name of a connector.
        recipient: Address on the channel; empty: the channel needs none.
        minimum_severity: Alerts below it are not sent over this method; None: all are.
        quiet_hours: Windows in the person's time zone in which messages are held.
        failover: Used when the channel is down or gives a message up; None: nothing is.
        priority_through: Alerts of this priority or a more urgent one are sent in quiet hours too.
    """

    channel: str
    recipient: str = ""
    minimum_severity: Severity | None = None
    quiet_hours: tuple[RecurringWindow, ...] = ()
    priority_through: Priority | None = None
    failover: Failover | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A row of `users` that can be notified.

    Attributes:
        name: Unique; the name of the user.
        zone: Name in the IANA time zone database.
        methods: In the order in which they are listed; all that apply are used.
    """

    name: str
    display_name: str = ""
    zone: str = "UTC"
    methods: tuple[ContactMethod, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Persons who are notified together."""

    name: str
    members: tuple[str, ...] = ()
