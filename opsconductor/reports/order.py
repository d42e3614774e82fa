"""What a report is to be about."""

from dataclasses import dataclass
from enum import StrEnum

from opsconductor.reports.period import ReportPeriod


class ScopeKind(StrEnum):
    """What a report is about."""

    ALL = "all"
    SITE = "site"
    DEVICE = "device"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOrder:
    """A report to be made.

    Attributes:
        scope_value: Name of the site, or name or address of the device.
    """

    period: ReportPeriod
    scope_kind: ScopeKind = ScopeKind.ALL
    scope_value: str = ""
    requested_by: str = ""
