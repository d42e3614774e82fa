"""A WHERE clause under construction."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class SqlConditions:
    """Conditions of a WHERE clause, and the values of their parameters."""

    parts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, condition: str, *values: object) -> None:
        """Add a condition with a `{}` for every value."""
        self.parts.append(condition.format(*[self.parameter(value) for value in values]))

    def parameter(self, value: object) -> str:
        """Return the placeholder of a value."""
        self.values.append(value)
        return f"${len(self.values)}"

    def text(self, *further: str) -> str:
        """Return the clause, with further conditions."""
        return " AND ".join([*self.parts, *filter(None, further)]) or "true"
