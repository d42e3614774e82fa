"""Thresholds with hysteresis, so that alerts do not flap."""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from opsconductor.model.enums import SEVERITY_RANK, Severity


class Threshold(BaseModel):
    """One threshold and its severity."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    severity: Severity
    """Severity beyond the threshold."""

    above: float | None = None
    """Lower bound of raising: the value is this or more; or `below`."""

    below: float | None = None
    """Upper bound of raising: the value is this or less; or `above`."""

    hysteresis: float = 0
    """Distance by which the value must return before the alert ends, in the unit of the value."""

    @model_validator(mode="after")
    def _is_one_step(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("either above or below, and not both")
        if self.hysteresis < 0:
            raise ValueError("hysteresis must not be negative")
        if self.severity is Severity.CLEAR:
            raise ValueError("severity must not be clear, which is the state outside all thresholds")
        return self

    def holds(self, value: float, *, is_raised: bool) -> bool:
        """Return True if the value is beyond the threshold, hysteresis included when returning."""
        slack = self.hysteresis if is_raised else 0
        if self.above is not None:
            return value >= self.above - slack if not slack else value > self.above - slack
        assert self.below is not None
        return value <= self.below + slack if not slack else value < self.below + slack


def level_of(value: float, thresholds: Sequence[Threshold], before: Severity | None) -> Severity | None:
    """Return the severity of a value.

    Args:
        before: Severity of the open alert, None without one. Thresholds up to it hold until the value has
            returned by their hysteresis.

    Returns:
        The highest severity that holds; None: all is well.
    """
    reached = -1 if before is None else SEVERITY_RANK[before]
    holding = [
        step.severity
        for step in thresholds
        if step.holds(value, is_raised=SEVERITY_RANK[step.severity] <= reached)
    ]
    return max(holding, key=SEVERITY_RANK.__getitem__, default=None)
