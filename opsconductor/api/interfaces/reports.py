"""Reports, as the API needs them."""

from datetime import datetime
from typing import Protocol

from opsconductor.reports.order import ReportOrder
from opsconductor.reports.period import ReportPeriod, ReportType
from opsconductor.store.alerts.rows import RowConditions
from opsconductor.store.reports.rows import ReportReader, StoredReport


class LiveReports(Protocol):
    """Makes reports."""

    def last_period(self, kind: ReportType, /) -> ReportPeriod:
        """Return the latest period of a kind that is over."""

    def history_since(self) -> datetime:
        """Return since when alerts and their history are kept whole."""

    async def make(self, order: ReportOrder, rows: RowConditions, reader: ReportReader, /) -> StoredReport:
        """Make and store a report; raises RowNotFound or StoreUnavailable."""
