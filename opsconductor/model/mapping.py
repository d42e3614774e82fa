"""One row of `oid_mappings`: which trap becomes which alert."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from opsconductor.model.enums import Category, Severity


class Origin(IntEnum):
    """Origin of a mapping; if several map one trap, the one with the lowest number applies."""

    OWN = 0
    """A row of `oid_mappings`: the operator's."""
    PACK = 1
    """A file of `mibs/packs`, reviewed manually."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityMap:
    """Severity by the value of one varbind: one trap OID for raise and clear alike.

    Attributes:
        varbind: Numeric OID of the object, without leading dot and without instance.
        values: Severity by the value as text (`"1"`, `"down"`); `clear` makes it a clear.
    """

    varbind: str
    values: Mapping[str, Severity]


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
