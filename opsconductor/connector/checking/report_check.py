"""Type check of what `normalize` of a third-party connector returns, before the daemon uses it.

Such a connector may pass on whatever was in a message; without this check it would fail in the engine, far
from its cause. Connectors that ship with OpsConductor are checked by mypy and by their golden cases, at no
cost at run time.
"""

from collections.abc import Sequence
from datetime import datetime

from opsconductor.connector.checking.call_check import CheckedEmit
from opsconductor.connector.checking.context_check import ReasonCheck
from opsconductor.connector.checking.type_check import TupleCheck, TypeCheck
from opsconductor.connector.interface import CheckResult, Emit, Source
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert, Snapshot


class CheckedSource:
    """A source whose events and reports are checked; its own errors pass."""

    def __init__(self, source: Source, connector: str) -> None:
        self._source = source
        self._connector = connector
        self._checks = ReportChecks(connector)
        self._reasons = ReasonCheck(TypeCheck(connector))

    async def run(self, emit: Emit) -> None:
        """Run the source; what it emits is checked."""
        await self._source.run(CheckedEmit(self._connector, emit))

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert] | Snapshot:
        """Return the reports of an event; raises ContractError if a type is wrong."""
        try:
            found = self._source.normalize(raw)
        except (DecodeError, NormalizeError) as error:
            self._reasons.one(error.reason, type(error).__name__)
            raise
        return self._checks.checked(found)

    def redacted(self, raw: RawEvent) -> bytes:
        """Return the source's payload of an event for the archive."""
        return self._source.redacted(raw)

    async def check(self) -> CheckResult:
        """Run the source's check."""
        return await self._source.check()


class ReportChecks:
    """Checks the reports of one connector."""

    def __init__(self, connector: str) -> None:
        self._connector = connector
        self._check = TypeCheck(connector)
        self._report = TupleCheck(self._check, NormalizedAlert, "a report")

    def checked(self, found: Sequence[NormalizedAlert] | Snapshot) -> Sequence[NormalizedAlert] | Snapshot:
        """Return what `normalize` has returned, checked.

        Raises:
            ContractError: A type is wrong; the message names connector, field, found and expected type.
        """
        expect = self._check.expect
        if isinstance(found, Snapshot):
            expect(found.scope, (str,), "scope of a Snapshot")
            self._own_scope(found.scope, "scope of a Snapshot")
            expect(found.taken_at, (datetime,), "taken_at of a Snapshot")
            self._check.expect_zone(found.taken_at, "taken_at of a Snapshot")
            expect(found.alerts, (tuple,), "alerts of a Snapshot")
            reports: Sequence[NormalizedAlert] = found.alerts
        else:
            if isinstance(found, NormalizedAlert):  # a tuple itself
                self._check.refuse("the result of normalize is one report, expected a list of reports")
            expect(found, (list, tuple), "the result of normalize")
            reports = found
        for report in reports:
            self._report.one(report)
            self._entries(report)
        return found

    def _own_scope(self, scope: str, field: str) -> None:
        """Refuse the scope of another connector: its alerts would be ended, or end with those of this one."""
        if scope.partition("/")[0] != self._connector:
            self._check.refuse(f"{field} is neither the connector's own name nor begins with it and a /")

    def _entries(self, report: NormalizedAlert) -> None:
        """Check the contents of a report."""
        expect = self._check.expect
        if report.source_system != self._connector:
            self._check.refuse("source_system is not the connector's own name")
        if report.snapshot_scope:
            self._own_scope(report.snapshot_scope, "snapshot_scope")
        for tag in report.tags:
            expect(tag, (str,), "an entry of tags")
        self._check.expect_aliases(report.device_aliases)
        for key in report.custom_fields or ():
            expect(key, (str,), "a key of custom_fields")
