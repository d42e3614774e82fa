"""Model of a declared rule over measured values (docs/anomalies.md)."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from opsconductor.config.provision.declared.row_model import Declared, Short
from opsconductor.config.provision.declared.rule import Patterns
from opsconductor.config.provision.field_types import AlertType, Name, Text255
from opsconductor.connector.language.measured import measured_expression
from opsconductor.model.enums import Category
from opsconductor.model.measured.alert_rule import LimitSide

MOST_SAMPLES = 1_000
METRIC = re.compile(r"[A-Za-z0-9_:.*?\[\]!-]{0,200}")
Finite = Annotated[float, Field(allow_inf_nan=False)]
Hysteresis = Annotated[Finite, Field(ge=0)]
Samples = Annotated[int, Field(ge=1, le=MOST_SAMPLES)]
LIMITS = ("warning", "critical", "hysteresis", "samples", "alert_type", "category")


def metric_pattern(pattern: str) -> str:
    """Return the name of a metric, also with wildcards.

    Raises:
        ValueError: With what is expected.
    """
    if not METRIC.fullmatch(pattern):
        raise ValueError("the name of a metric, also with wildcards, such as if_in_* or battery_temperature")
    return pattern


def _compiled(text: str) -> str:
    text = text.strip()
    if text:
        measured_expression(text)
    return text


class DeclaredRuleScope(Short):
    """Devices that a rule is about: all that is given must match; without any it is about every device."""

    device: Patterns = ()
    device_type: Patterns = ()
    role: Patterns = ()
    site: Patterns = ()
    tag: Patterns = ()


def check_limits(direction: LimitSide, warning: float | None, critical: float | None) -> None:
    """Check that the limits of one side go together.

    Raises:
        ValueError: With what is expected.
    """
    if warning is not None and critical is not None:
        is_above = direction is LimitSide.ABOVE
        if critical == warning or (critical > warning) is not is_above:
            side = "above" if is_above else "below"
            raise ValueError(f"a critical limit {side} that of the warning, as direction is {side}")


def check_alert_type(alert_type: str | None, category: Category | None) -> None:
    """Check that a type of alerts is of their category.

    Raises:
        ValueError: With what is expected.
    """
    if alert_type and category and not alert_type.startswith(f"{category}_"):
        raise ValueError(f"an alert_type that begins with its category: {category}_...")


class DeclaredAlertRule(Declared):
    """A row of `alert_rules`: limits of a metric or an expression, or series whose anomalies stay quiet."""

    name: Name
    description: str = ""
    enabled: bool = True
    scope: DeclaredRuleScope = DeclaredRuleScope()
    metric: Annotated[str, AfterValidator(metric_pattern)] = ""
    resource: Text255 = "*"
    expression: Annotated[str, AfterValidator(_compiled)] = ""
    direction: LimitSide = LimitSide.ABOVE
    warning: Finite | None = None
    critical: Finite | None = None
    hysteresis: Hysteresis = 0.0
    samples: Samples = 1
    category: Category | None = None
    alert_type: AlertType | None = None
    hold_back: bool = False

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if bool(self.metric) == bool(self.expression):
            raise ValueError("either metric, such as battery_temperature, or expression")
        if self.hold_back:
            return self._without_limits()
        if self.warning is None and self.critical is None:
            raise ValueError("warning, critical or both; or hold_back: true")
        check_limits(self.direction, self.warning, self.critical)
        check_alert_type(self.alert_type, self.category)
        return self

    def _without_limits(self) -> Self:
        given = [name for name in LIMITS if name in self.model_fields_set and getattr(self, name) is not None]
        changed = [name for name in given if getattr(self, name) != type(self).model_fields[name].default]
        if changed or self.expression:
            raise ValueError(f"no {', '.join(changed) or 'expression'} where hold_back is true")
        return self
