"""Escalation policies: who is notified next while an alert is not acknowledged."""

from dataclasses import dataclass
from datetime import timedelta

from opsconductor.model.notifications.rule import NO_TIME, Conditions, RuleChannel
from opsconductor.model.people.target import PeopleTarget

ANY_ALERT = Conditions()


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationStep:
    """One step.

    Attributes:
        after: Time since the escalation began; no step is earlier than the one before it.
        channels: Connectors with recipients.
        targets: Persons, teams and schedules.
        conditions: The step notifies only if they are met.
    """

    after: timedelta = NO_TIME
    channels: tuple[RuleChannel, ...] = ()
    targets: tuple[PeopleTarget, ...] = ()
    conditions: Conditions = ANY_ALERT


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPolicy:
    """A row of `escalation_policies`.

    Attributes:
        repeat: How often all steps are repeated after the first time.
        repeat_after: Time from the begin of the steps to their next begin.
        acknowledgement_expires: An acknowledgement is withdrawn after this time; zero: never.
    """

    name: str
    steps: tuple[EscalationStep, ...]
    repeat: int = 0
    repeat_after: timedelta = NO_TIME
    acknowledgement_expires: timedelta = NO_TIME

    @property
    def amount(self) -> int:
        """Return the number of steps with all repeats."""
        return len(self.steps) * (1 + self.repeat)

    def step(self, number: int) -> EscalationStep:
        """Return a step by its number, which counts through the repeats."""
        return self.steps[number % len(self.steps)]

    def after(self, number: int) -> timedelta:
        """Return when a step is due, from the begin of the escalation."""
        return self.step(number).after + number // len(self.steps) * self.repeat_after
