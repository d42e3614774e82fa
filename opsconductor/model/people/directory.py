"""People who can be notified, by name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from opsconductor.model.people.escalation import EscalationPolicy, EscalationStep
from opsconductor.model.people.person import Person, Team
from opsconductor.model.people.schedule import Schedule
from opsconductor.model.people.target import PeopleTarget, TargetKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleDirectory:
    """Persons, teams, schedules and policies, by name.

    Targets may name what does not exist: a file is checked when it is applied, and rows may be deleted later.
    """

    people: Mapping[str, Person] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    policies: Mapping[str, EscalationPolicy] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        people: Iterable[Person] = (),
        teams: Iterable[Team] = (),
        schedules: Iterable[Schedule] = (),
        policies: Iterable[EscalationPolicy] = (),
    ) -> Self:
        """Return a directory of values."""
        return cls(
            people={each.name: each for each in people},
            teams={each.name: each for each in teams},
            schedules={each.name: each for each in schedules},
            policies={each.name: each for each in policies},
        )

    def find(self, name: str) -> Person | None:
        """Return the person with a name, or a display name, without regard to case; None: there is none."""
        wanted = name.lower()
        named = (
            each for each in self.people.values() if wanted in (each.name.lower(), each.display_name.lower())
        )
        return self.people.get(name) or next(named, None)

    def named_by(self, target: PeopleTarget) -> tuple[str, ...]:
        """Return the names of all persons whom a target can stand for, at any time, each once."""
        return tuple(dict.fromkeys(self._named_by(target)))

    def _named_by(self, target: PeopleTarget) -> Iterator[str]:
        match target.kind:
            case TargetKind.PERSON:
                yield target.name
            case TargetKind.TEAM if target.name in self.teams:
                yield from self.teams[target.name].members
            case TargetKind.SCHEDULE if target.name in self.schedules:
                schedule = self.schedules[target.name]
                yield from schedule.participants
                yield from (each.person for each in schedule.overrides)
            case TargetKind.ESCALATION if target.name in self.policies:
                for step in self.policies[target.name].steps:
                    yield from self.named_in(step)

    def named_in(self, step: EscalationStep) -> Iterator[str]:
        """Yield the names of all persons whom a step can stand for."""
        for target in step.targets:
            yield from self._named_by(target)

    def can_reach(self, targets: Iterable[PeopleTarget]) -> bool:
        """Return True if targets stand for a person who can be notified, or for a policy with a channel."""
        return any(self._is_reachable(name) for target in targets for name in self._named_by(target)) or any(
            step.channels
            for target in targets
            if target.kind is TargetKind.ESCALATION and target.name in self.policies
            for step in self.policies[target.name].steps
        )

    def _is_reachable(self, name: str) -> bool:
        person = self.people.get(name)
        return person is not None and person.enabled and bool(person.methods)


NO_DIRECTORY = PeopleDirectory()
