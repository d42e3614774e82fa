"""Compiled tests of a rule: whether they are met, and in words why or why not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from opsconductor.engine.routing.situation import Situation

Holds = Callable[[Situation], bool]
Words = Callable[[Situation], str]
NextAt = Callable[[Situation], datetime | None]


class RuleTest(Protocol):
    """A test of a situation."""

    def holds(self, situation: Situation, /) -> bool:
        """Return True if it is met."""

    def settled(self, situation: Situation, /) -> bool | None:
        """Return the result if time alone cannot change it, else None."""

    def next_at(self, situation: Situation, /) -> datetime | None:
        """Return the next time at which the result may change by itself; None: it will not."""

    def met(self, situation: Situation, /) -> str:
        """Describe what meets it."""

    def unmet(self, situation: Situation, /) -> str:
        """Describe what does not meet it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTest:
    """A test of one fact of the alert or its device."""

    holds: Holds
    met: Words
    unmet: Words

    def settled(self, situation: Situation) -> bool | None:
        """Return the result: time does not change it."""
        return self.holds(situation)

    def next_at(self, situation: Situation) -> datetime | None:
        """Return None: time does not change it."""
        del situation
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedTest:
    """A test whose result changes with time.

    Attributes:
        is_final: Once met, it stays so.
    """

    holds: Holds
    met: Words
    unmet: Words
    next_at: NextAt
    is_final: bool = False

    def settled(self, situation: Situation) -> bool | None:
        """Return True if it stays met; None: time changes the result."""
        return True if self.is_final and self.holds(situation) else None


@dataclass(frozen=True, slots=True)
class EveryTest:
    """Met if every part is."""

    parts: Sequence[RuleTest]

    def holds(self, situation: Situation) -> bool:
        """Return True if every part is met."""
        return all(part.holds(situation) for part in self.parts)

    def settled(self, situation: Situation) -> bool | None:
        """Return the result if time cannot change it."""
        return _every([part.settled(situation) for part in self.parts])

    def next_at(self, situation: Situation) -> datetime | None:
        """Return the next time at which a part may change."""
        return _first(self.parts, situation)

    def met(self, situation: Situation) -> str:
        """Describe what meets every part."""
        return " and ".join(part.met(situation) for part in self.parts) or "all conditions are met"

    def unmet(self, situation: Situation) -> str:
        """Describe the first part that is not met."""
        return next(part.unmet(situation) for part in self.parts if not part.holds(situation))


@dataclass(frozen=True, slots=True)
class SomeTest:
    """Met if one part is."""

    parts: Sequence[RuleTest]

    def holds(self, situation: Situation) -> bool:
        """Return True if one part is met."""
        return any(part.holds(situation) for part in self.parts)

    def settled(self, situation: Situation) -> bool | None:
        """Return the result if time cannot change it."""
        states = [part.settled(situation) for part in self.parts]
        return True if True in states else None if None in states else False

    def next_at(self, situation: Situation) -> datetime | None:
        """Return the next time at which a part may change."""
        return _first(self.parts, situation)

    def met(self, situation: Situation) -> str:
        """Describe the first part that is met."""
        return next(part.met(situation) for part in self.parts if part.holds(situation))

    def unmet(self, situation: Situation) -> str:
        """Describe why no part is met."""
        return f"none of these is met: {'; '.join(part.unmet(situation) for part in self.parts)}"


@dataclass(frozen=True, slots=True)
class NoTest:
    """Met if no part is."""

    parts: Sequence[RuleTest]

    def holds(self, situation: Situation) -> bool:
        """Return True if no part is met."""
        return not any(part.holds(situation) for part in self.parts)

    def settled(self, situation: Situation) -> bool | None:
        """Return the result if time cannot change it."""
        states = [part.settled(situation) for part in self.parts]
        return False if True in states else None if None in states else True

    def next_at(self, situation: Situation) -> datetime | None:
        """Return the next time at which a part may change."""
        return _first(self.parts, situation)

    def met(self, situation: Situation) -> str:
        """Describe why no part is met."""
        return " and ".join(part.unmet(situation) for part in self.parts)

    def unmet(self, situation: Situation) -> str:
        """Describe the first part that is met."""
        found = next(part.met(situation) for part in self.parts if part.holds(situation))
        return f"excluded: {found}"


def _every(states: Sequence[bool | None]) -> bool | None:
    return False if False in states else None if None in states else True


def _first(parts: Sequence[RuleTest], situation: Situation) -> datetime | None:
    times = [at for part in parts if (at := part.next_at(situation)) is not None]
    return min(times, default=None)
