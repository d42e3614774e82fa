"""Definition of a check: the values to read and the rules that raise alerts. Checks are data."""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Annotated, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.snmp_poll.formula import Formula, text_template
from opsconductor.connector.language.template import Template
from opsconductor.connector.settings.duration import PositiveDuration
from opsconductor.connector.settings.recorded import Recorded
from opsconductor.connector.settings.shape import Shape
from opsconductor.connector.settings.threshold import Threshold
from opsconductor.model.enums import Category, Severity
from opsconductor.model.inventory.port import PORT_ALIAS, PORT_NAMES
from opsconductor.snmp.message.oid import oid_fault

FOLDER = "checks"
TYPES_PLACEHOLDER = "INTERFACE_TYPES"
_LAN, _WAN, _OPTICAL = (6, 7, 62, 69, 71, 117, 161), (18, 22, 23, 30, 32, 37, 94, 96, 97, 238, 251), (39, 171)
INTERFACE_TYPES = (*_LAN, *_WAN, *_OPTICAL, 195, 196, 250)
"""Types of interfaces with a meaningful speed (IANAifType-MIB): all numbers of Ethernet, link
aggregates, serial lines, PPP, frame relay, ATM, SONET, DS1, DS3, DSL, radio, optical channels, GPON.
"""
PORT_COLUMNS = frozenset({*PORT_NAMES, PORT_ALIAS})
OF_EVERY_ROW = frozenset({"index", "value", "unit", "device_name", "port"})


ALERT_TYPE = Shape(
    "^[a-z]+_[a-z0-9_]{1,90}$",
    "an alert type such as environment_fan_failed: <category>_<what> of small letters, digits and _",
)
NAME = Shape(
    "^[A-Za-z_][A-Za-z0-9_]{0,63}$",
    "a name such as fan_speed: letters, digits and _, first no digit, at most 64",
)


def _checked_oid(value: str) -> str:
    fault = oid_fault(value)
    if fault:
        raise ValueError(f"{value} is not an OID: {fault}")
    return value.removeprefix(".")


Oid = Annotated[str, AfterValidator(_checked_oid)]
Name = Annotated[str, NAME]


class CheckPart(BaseModel):
    """What a rule and a recorded number have in common: they apply to rows, and name a resource."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    resource: str = Field(default="", max_length=255)
    """Affected part of the device; may contain `{index}` and the names that formulas may use; empty
    (default): the device itself.
    """

    where: Formula | None = None
    """Only rows for which this holds; null (default): all."""

    possible: tuple[float, float] | None = None
    """The least and the greatest plausible `value`; outside this range the result is unknown and not
    recorded. Null (default): every number is plausible.
    """

    @cached_property
    def resource_template(self) -> Template:
        """The resource, compiled."""
        return text_template(self.resource)

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """All formulas."""
        return (self.where,) if self.where else ()

    @property
    def is_about_all(self) -> bool:
        """True when it evaluates a whole table at once."""
        return any(formula.tabled for formula in self.formulas)


class Measured(CheckPart):
    """A number of a check that is recorded as a series."""

    record: Recorded
    """Metric, unit and kind of the series."""

    value: Formula
    """The number."""

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """All formulas."""
        return (self.value, *super().formulas)


class Rule(CheckPart):
    """One kind of alert that a check can raise."""

    alert_type: Annotated[str, ALERT_TYPE]
    """`<category>_<what>`; the same as that of traps about the same problem, so that both make one alert."""

    title: str = Field(min_length=1, max_length=255)
    """May contain `{device_name}`, `{index}`, `{value}`, `{unit}`, `{port}` (name and description of the
    interface, or the resource) and every name of the check; `{ifName or index}` is the first with a value.
    """

    when: Formula | None = None
    """Condition of the problem; or `value` with `thresholds`."""

    severity: Severity | None = None
    """Severity; with `when`."""

    value: Formula | None = None
    """A number to compare with `thresholds`."""

    unit: str = ""
    """Unit of the number, for texts."""

    record: Recorded | None = None
    """Series in which `value` is recorded as well; null (default): none."""

    thresholds: tuple[Threshold, ...] = ()
    """Thresholds by severity, each with its hysteresis."""

    seen: Formula | None = None
    """A row counts only after this has held for it once since the start, or while its alert is open: a
    port that was never up is not a fault. Null (default): every row counts.
    """

    over: Formula | None = None
    """Where this holds, an alert raised by another source (a trap) is cleared. Null (default): only alerts
    raised here are cleared here.
    """

    after: int = Field(default=1, ge=1, le=100)
    """Consecutive polls that must find the problem before it is reported. Default 1."""

    is_cutting: bool = False
    """True if it cuts what depends on the device, or on this resource of it."""

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        if (self.when is None) == (self.value is None):
            raise ValueError("give either when with severity, or value with thresholds")
        if (self.severity is not None) != (self.when is not None) or self.severity is Severity.CLEAR:
            raise ValueError("severity is required with when, and only there; it cannot be clear")
        if bool(self.thresholds) != (self.value is not None):
            raise ValueError("thresholds are required with value, and only there")
        if self.record and self.value is None:
            raise ValueError("record requires value")
        if self.possible and (self.value is None or self.possible[0] > self.possible[1]):
            raise ValueError("possible requires value: [least, greatest]")
        if self.alert_type.partition("_")[0] not in set(Category):
            raise ValueError(f"alert_type must begin with one of {', '.join(Category)}")
        return self

    @property
    def category(self) -> Category:
        """The category with which the alert type begins."""
        return Category(self.alert_type.partition("_")[0])

    @cached_property
    def title_template(self) -> Template:
        """The title, compiled."""
        return text_template(self.title)

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """All formulas of the rule."""
        own = (self.when, self.value, self.seen, self.over)
        return (*(each for each in own if each), *super().formulas)


class CheckDefinition(BaseModel):
    """Values that are read together, and rules about them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    """Unique; the name of a built-in check replaces that check."""

    description: str = ""
    """Description for operators."""

    interval: PositiveDuration | None = None
    """Poll interval; null (default): that of the target."""

    scalars: Mapping[Name, Oid] = {}
    """Single values by name, with the whole OID (`1.3.6.1.4.1.2021.4.5.0`)."""

    columns: Mapping[Name, Oid] = {}
    """Columns of a table by name, OID without index; rows of the same index belong together."""

    names: Mapping[Name, Oid] = {}
    """Columns used in texts only, read only for rows with a problem."""

    labels: Mapping[Name, Mapping[int, str]] = {}
    """Labels of numbers, for texts: `ifOperStatus: {1: up, 2: down}`."""

    rules: tuple[Rule, ...] = ()
    """Conditions of problems; each rule is evaluated on its own."""

    measures: tuple[Measured, ...] = ()
    """Numbers that are recorded as series, beside those of rules with `record`."""

    @model_validator(mode="after")
    def _knows_its_names(self) -> Self:
        if not self.scalars and not self.columns:
            raise ValueError("a check must read scalars or columns")
        if not self.rules and not self.measures:
            raise ValueError("a check must have rules or measures")
        read = {*self.scalars, *self.columns}
        parts: tuple[CheckPart, ...] = (*self.rules, *self.measures)
        for each in parts:
            for formula in each.formulas:
                unknown = formula.names - read
                if unknown:
                    raise ValueError(f"{formula} names {', '.join(sorted(unknown))}, which is not read")
                if formula.tabled - set(self.columns):
                    raise ValueError(f"{formula} uses a whole column of a name that is not in columns")
            unknown = each.resource_template.names - read - {"index"}
            if isinstance(each, Rule):
                unknown |= each.title_template.names - read - set(self.names) - OF_EVERY_ROW
            if unknown:
                raise ValueError(f"the texts name {', '.join(sorted(unknown))}, which is not read for them")
        return self

    @cached_property
    def recorded(self) -> tuple[Measured, ...]:
        """All numbers that are recorded as series."""
        of_rules = (
            Measured(
                record=rule.record,
                value=rule.value,
                resource=rule.resource,
                where=rule.where,
                possible=rule.possible,
            )
            for rule in self.rules
            if rule.record and rule.value
        )
        return (*of_rules, *self.measures)

    def port_columns(self, row: Mapping[str, object]) -> Mapping[str, str]:
        """Return the values of a row that name its port, by column of IF-MIB.

        Args:
            row: Values by name, those of `names` included.
        """
        read = {**self.columns, **self.names}
        return {oid: str(row[name]) for name, oid in read.items() if oid in PORT_COLUMNS and name in row}

    @property
    def rated(self) -> frozenset[str]:
        """Names whose rate a formula needs."""
        parts: tuple[CheckPart, ...] = (*self.rules, *self.measures)
        return frozenset(name for part in parts for formula in part.formulas for name in formula.rated)


@lru_cache(maxsize=64)
def built_in_checks(interface_types: tuple[int, ...] = INTERFACE_TYPES) -> Mapping[str, CheckDefinition]:
    """Load the built-in checks, by name.

    Args:
        interface_types: Types of the interfaces whose load is monitored.
    """
    types = f"({', '.join(map(str, interface_types))},)"
    found: dict[str, CheckDefinition] = {}
    for file in sorted(files("connectors.snmp_poll").joinpath(FOLDER).iterdir(), key=lambda file: file.name):
        text = file.read_text(encoding="utf-8").replace(TYPES_PLACEHOLDER, types)
        for document in yaml.safe_load(text):
            check = CheckDefinition.model_validate(document)
            found[check.name] = check
    return found
