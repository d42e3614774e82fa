"""Numbers that are too high or too low: raised at one value and over at another, so that none flutters."""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from opsconductor.model.enums import SEVERITY_RANK, Severity


class Threshold(BaseModel):
    """One step: how bad it is from which value on."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    severity: Severity
    """How bad it is then."""

    above: float | None = None
    """Raised when the value is this or more; or `below`."""

    below: float | None = None
    """Raised when the value is this or less; or `above`."""

    hysteresis: float = 0
    """Over only when the value has come back by more than this, in the unit of the value."""

    @model_validator(mode="after")
    def _is_one_step(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("either above or below, and not both")
        if self.hysteresis < 0:
            raise ValueError("hysteresis must not be negative")
        if self.severity is Severity.CLEAR:
            raise ValueError("severity says how bad it is; clear is the state outside all thresholds")
        return self

    def holds(self, value: float, *, is_raised: bool) -> bool:
        """Tell whether the value is on the bad side, where coming back takes the hysteresis."""
        slack = self.hysteresis if is_raised else 0
        if self.above is not None:
            return value >= self.above - slack if not slack else value > self.above - slack
        assert self.below is not None
        return value <= self.below + slack if not slack else value < self.below + slack


def level_of(value: float, thresholds: Sequence[Threshold], before: Severity | None) -> Severity | None:
    """Tell how bad a value is.

    Args:
        before: How bad it was: severity of the open alert, None without one. Steps up to it hold on
            until the value has come back through their hysteresis.

    Returns:
        The worst severity that holds; None: all is well.
    """
    reached = -1 if before is None else SEVERITY_RANK[before]
    holding = [
        step.severity
        for step in thresholds
        if step.holds(value, is_raised=SEVERITY_RANK[step.severity] <= reached)
    ]
    return max(holding, key=SEVERITY_RANK.__getitem__, default=None)
