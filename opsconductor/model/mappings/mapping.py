"""One row of `oid_mappings`: which trap becomes which alert."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import NamedTuple

from opsconductor.model.enums import Category, Severity


class Origin(IntEnum):
    """Origin of a mapping; if several map one trap, the one with the lowest number applies."""

    OWN = 0
    """A row of `oid_mappings`: the operator's."""
    PACK = 1
    """A file of `mibs/packs`, reviewed manually."""
    DERIVED = 2
    """Derived from the facts of a MIB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityMap:
    """Severity by the value of one varbind: one trap OID for raise and clear alike.

    Attributes:
        varbind: Numeric OID of the object, without leading dot and without instance.
        values: Severity by the value as text (`"1"`, `"down"`); `clear` makes it a clear.
        standard: `x733`: values are a perceived severity, as far as `values` does not say otherwise.
    """

    varbind: str
    values: Mapping[str, Severity]
    standard: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A test of one varbind. All of its tests must hold; without the varbind only `is_present: false` does.

    Attributes:
        varbind: Numeric OID of the object, without leading dot and without instance.
        equals: The value is one of these texts; empty: it may be any.
        differs_from: The value is none of these texts.
        at_least: The value is a number and not below this.
        at_most: The value is a number and not above this.
        matches: A regular expression that is found in the value, see `mib.pattern`; empty: none.
        is_present: The trap carries the varbind with a value; None: does not matter.
        has_bit: One of these bits is set, by position.
    """

    varbind: str
    equals: tuple[str, ...] = ()
    differs_from: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    matches: str = ""
    is_present: bool | None = None
    has_bit: tuple[str, ...] = ()


class MappingCase(NamedTuple):
    """What applies in place of a mapping where all conditions hold.

    Attributes:
        mapping: The whole mapping, without cases.
    """

    conditions: tuple[Condition, ...]
    mapping: "OidMapping"


@dataclass(frozen=True, slots=True, kw_only=True)
class OidMapping:
    """Mapping of a trap to an alert.

    Attributes:
        oid_pattern: Numeric OID without leading dot; may end in `.*` for everything below.
        vendor: Applies only to traps of this vendor; None: to all.
        title_template: Text with `{device_name}`, `{resource}`, `{ifName}` (a varbind by name) or
            `{1.3.6...}` (a varbind by OID prefix).
        is_clear_event: The trap reports the end of a problem.
        clear_oid_pattern: OID of the trap that clears this problem.
        resource_expression: Text with varbinds in braces: `ifIndex={1.3.6.1.2.1.2.2.1.1}`;
            `{1.3.6...#}` stands for the instance suffix of the varbind instead of its value.
        is_cutting: The problem cuts off dependents of the device (docs/administration.md, Dependencies).
        expires_after: The alert expires without a repeat for this long.
        origin: Decides between mappings of one trap before anything else.
        conditions: All of them must hold for the mapping to apply; without them it applies always.
        cases: The first one whose conditions hold applies in place of the mapping.
        clear_conditions: What the varbinds of the clearing trap must be for it to clear this problem.
        more_resources: Resource expressions of further alerts that the trap raises or clears.
    """

    oid_pattern: str
    alert_type: str
    category: Category
    default_severity: Severity
    title_template: str
    vendor: str | None = None
    description: str = ""
    is_clear_event: bool = False
    clear_oid_pattern: str | None = None
    mib_name: str | None = None
    mib_object: str | None = None
    resource_expression: str = ""
    severity_map: SeverityMap | None = None
    is_cutting: bool = False
    expires_after: timedelta | None = None
    origin: Origin = Origin.OWN
    conditions: tuple[Condition, ...] = ()
    cases: tuple[MappingCase, ...] = ()
    clear_conditions: tuple[Condition, ...] = ()
    more_resources: tuple[str, ...] = ()
