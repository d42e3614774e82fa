"""Model of what is declared of a type of machine (docs/anomalies.md)."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from opsconductor.config.provision.declared.alert_rule import (
    Finite,
    Hysteresis,
    Samples,
    check_alert_type,
    check_limits,
    metric_pattern,
)
from opsconductor.config.provision.declared.row_model import Declared, Short
from opsconductor.config.provision.declared.rule import DeclaredWindow
from opsconductor.config.provision.field_types import AlertType, OneOrMany, Text255
from opsconductor.model.enums import Category
from opsconductor.model.measured.alert_rule import LimitSide

MOST_METRICS = 200
Metric = Annotated[str, StringConstraints(min_length=1), AfterValidator(metric_pattern)]
MachineType = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class DeclaredBaseline(Short):
    """What a metric usually is: the expected value, and the standard deviation around it."""

    expected: Finite
    variation: Annotated[Finite, Field(gt=0)]


class DeclaredLimits(Short):
    """Limits of a metric of a type of machine, as in `alert_rules`."""

    metric: Metric
    resource: Text255 = "*"
    direction: LimitSide = LimitSide.ABOVE
    warning: Finite | None = None
    critical: Finite | None = None
    hysteresis: Hysteresis = 0.0
    samples: Samples = 1
    category: Category | None = None
    alert_type: AlertType | None = None

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if self.warning is None and self.critical is None:
            raise ValueError("warning, critical or both")
        check_limits(self.direction, self.warning, self.critical)
        check_alert_type(self.alert_type, self.category)
        return self


class DeclaredMachine(Declared):
    """A row of `machine_configurations`: what is usual, and what is too much, for devices of a type."""

    machine_type: MachineType = Field(description="Type of the devices, as the inventory has it.")
    description: str = ""
    enabled: bool = True
    baselines: Annotated[dict[Metric, DeclaredBaseline], Field(max_length=MOST_METRICS)] = Field(
        default_factory=dict,
        description="What a metric usually is, until the detector knows its series: value and variation.",
    )
    operational_pattern: Annotated[tuple[DeclaredWindow, ...], OneOrMany] = Field(
        (), description="When such devices work; at rest nothing alerts. None: always."
    )
    thresholds: Annotated[tuple[DeclaredLimits, ...], OneOrMany, Field(max_length=MOST_METRICS)] = Field(
        (), description="What is too much: limits of metrics, as in alert rules."
    )

    @model_validator(mode="after")
    def _says_each_once(self) -> Self:
        keys = [(each.metric, each.resource, each.direction) for each in self.thresholds]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice:
            raise ValueError(f"limits of {twice[0]} {twice[2]} once: one entry has warning and critical")
        return self
