"""Models of provisioning files: one for each top-level key, with fields named like the columns.

Columns that are missing here are maintained by the daemon: ids, times, states, counters, origins.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    model_validator,
)

from opsconductor.config.provision.declared.row_model import Declared, Short
from opsconductor.config.provision.field_types import (
    AlertType,
    ConnectorName,
    DeviceAlias,
    DeviceKey,
    IpAddress,
    Name,
    ObjectName,
    OidPattern,
    OneOrMany,
    Text50,
    Text100,
    Text255,
)
from opsconductor.mib.pattern import pattern_fault
from opsconductor.model.enums import Category, DependencyType, Severity

LONGEST_EXPIRY_S = 366 * 86_400


def _sorted(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(values))


def _bounded_pattern(pattern: str) -> str:
    if fault := pattern_fault(pattern):
        raise ValueError(f"a bounded regular expression: {fault}")
    return pattern


def _texts(value: object) -> object:
    """Return numbers and single values as a tuple of texts: `equals: 2` is `equals: ["2"]`."""
    listed = value if isinstance(value, list | tuple) else (value,)
    return tuple(
        str(each) if isinstance(each, int) and not isinstance(each, bool) else each for each in listed
    )


Values = Annotated[tuple[str, ...], BeforeValidator(_texts)]
"""Values of a varbind: numbers, labels or texts; one of them may stand alone."""


class DeclaredConnector(Declared):
    """A row of `connectors`; `config` is checked against the model of its type."""

    name: ConnectorName
    type: Text50
    enabled: bool = True
    config: dict[str, Any] = Field(default_factory=dict)


class DeclaredSeverityMap(Short):
    """Severity by the value of one varbind: listed values, a standard, or both."""

    varbind: ObjectName
    standard: Literal["", "x733"] = ""
    values: dict[str, Severity] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.values and not self.standard:
            raise ValueError("values, or standard: x733")
        return self


class DeclaredCondition(Short):
    """A test of one varbind; all that is given must hold."""

    varbind: ObjectName
    equals: Values = ()
    differs_from: Values = ()
    at_least: float | None = None
    at_most: float | None = None
    matches: Annotated[str, AfterValidator(_bounded_pattern)] = ""
    is_present: bool | None = None
    has_bit: Values = ()

    @model_validator(mode="after")
    def _tests_something(self) -> Self:
        if not self.model_dump(exclude={"varbind"}):
            raise ValueError(f"one of {', '.join(sorted(set(type(self).model_fields) - {'varbind'}))}")
        return self


class DeclaredCase(Short):
    """What applies in place of a mapping where all of `when` hold; what is not given is as in the mapping."""

    when: Annotated[tuple[DeclaredCondition, ...], Field(min_length=1)]
    severity: Severity | None = None
    alert_type: AlertType | None = None
    category: Category | None = None
    resource_expression: Text255 | None = None
    title_template: Text255 | None = None


class DeclaredMapping(Declared):
    """A row of `oid_mappings`."""

    oid_pattern: OidPattern
    vendor: Annotated[Name, BeforeValidator(lambda v: v.lower() if isinstance(v, str) else v)] | None = None
    alert_type: AlertType
    category: Category
    default_severity: Severity
    title_template: Annotated[Text255, Field(min_length=1)]
    description: str = ""
    is_clear_event: bool = False
    clear_oid_pattern: OidPattern | None = None
    mib_name: Text100 | None = None
    mib_object: Text100 | None = None
    notes: str | None = None
    resource_expression: Text255 = ""
    severity_map: DeclaredSeverityMap | None = None
    is_cutting: bool = False
    expires_after_s: Annotated[int, Field(gt=0, le=LONGEST_EXPIRY_S)] | None = None
    conditions: tuple[DeclaredCondition, ...] = ()
    cases: tuple[DeclaredCase, ...] = ()
    clear_conditions: tuple[DeclaredCondition, ...] = ()
    more_resources: Annotated[tuple[Text255, ...], OneOrMany] = ()


class DeclaredDevice(Declared):
    """A row of `devices`, with its further addresses and engine IDs."""

    ip_address: IpAddress | None = None
    name: Annotated[Text255, Field(min_length=1)]
    addresses: Annotated[tuple[DeviceAlias, ...], OneOrMany, AfterValidator(_sorted)] = ()
    device_type: Text100 | None = None
    manufacturer: Text100 | None = None
    model: Text100 | None = None
    site: Text100 | None = None
    location: Text255 | None = None
    role: Text100 | None = None
    status: Text50 | None = None
    tags: Annotated[tuple[str, ...], OneOrMany] = ()
    custom_fields: dict[str, Any] = Field(default_factory=dict)


class DeclaredDependency(Declared):
    """A row of `dependencies`: `device_ip` needs `depends_on_ip`; devices without address are named."""

    device_ip: DeviceKey
    depends_on_ip: DeviceKey
    dependency_type: DependencyType = DependencyType.NETWORK
    via_resources: Annotated[tuple[str, ...], OneOrMany] = ()
    description: str | None = None
    confidence: Annotated[float, Field(ge=0, le=1), AfterValidator(lambda value: round(value, 2))] = 1.0
