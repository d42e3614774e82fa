"""Targets of rules and of steps of escalation policies that stand for persons."""

from dataclasses import dataclass
from enum import StrEnum


class TargetKind(StrEnum):
    """What a target names."""

    PERSON = "person"
    TEAM = "team"
    SCHEDULE = "schedule"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleTarget:
    """A person, a team, an on-call schedule or an escalation policy, by its name."""

    kind: TargetKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
