"""Type check of what `normalize` of a third-party connector returns, before the daemon uses it.

Such a connector may pass on whatever was in a message; without this check it would fail in the engine, far
from its cause. Connectors that ship with OpsConductor are checked by mypy and by their golden cases, at no
cost at run time.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import UnionType
from typing import get_args, get_origin, get_type_hints

from opsconductor.connector.interface import CheckResult, Emit, Source
from opsconductor.errors import ContractError
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import DeviceAlias, NormalizedAlert, Snapshot

Shape = tuple[type, ...]

MOST_SHAPES = 4_096
"""Maximum number of cached combinations of types; beyond, each report is checked field by field."""


def types_in(hint: object) -> Shape:
    """Return the classes that a type hint admits, ignoring the contents of collections."""
    if isinstance(hint, UnionType):
        return tuple(each for part in get_args(hint) for each in types_in(part))
    found = get_origin(hint) or hint
    assert isinstance(found, type)
    return (found,)


FIELDS: Mapping[str, Shape] = {name: types_in(hint) for name, hint in get_type_hints(NormalizedAlert).items()}
"""Admitted classes of each field of a report, in order."""


class CheckedSource:
    """A source whose reports are checked; its own errors pass."""

    def __init__(self, source: Source, connector: str) -> None:
        self._source = source
        self._checks = ReportChecks(connector)

    async def run(self, emit: Emit) -> None:
        """Run the source."""
        await self._source.run(emit)

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert] | Snapshot:
        """Return the reports of an event; raises ContractError if a type is wrong."""
        return self._checks.checked(self._source.normalize(raw))

    def redacted(self, raw: RawEvent) -> bytes:
        """Return the source's payload of an event for the archive."""
        return self._source.redacted(raw)

    async def check(self) -> CheckResult:
        """Run the source's check."""
        return await self._source.check()


class ReportChecks:
    """Checks the reports of one connector; combinations of types that passed once are cached."""

    def __init__(self, connector: str) -> None:
        self._connector = connector
        self._right: set[Shape] = set()

    def checked(self, found: Sequence[NormalizedAlert] | Snapshot) -> Sequence[NormalizedAlert] | Snapshot:
        """Return what `normalize` has returned, checked.

        Raises:
            ContractError: A type is wrong; the message names connector, field, found and expected type.
        """
        if isinstance(found, Snapshot):
            self._expect(found.scope, (str,), "scope of a Snapshot")
            self._expect(found.taken_at, (datetime,), "taken_at of a Snapshot")
            self._expect(found.alerts, (tuple,), "alerts of a Snapshot")
            reports: Sequence[NormalizedAlert] = found.alerts
        else:
            self._expect(found, (list, tuple), "the result of normalize")
            reports = found
        for report in reports:
            self._report(report)
        return found

    def _report(self, report: NormalizedAlert) -> None:
        self._expect(report, (NormalizedAlert,), "a report")
        shape = tuple(map(type, report))
        if shape not in self._right:
            for name, value in zip(FIELDS, report, strict=True):
                self._expect(value, FIELDS[name], name)
            if len(self._right) < MOST_SHAPES:
                self._right.add(shape)
        for tag in report.tags:
            self._expect(tag, (str,), "an entry of tags")
        for alias in report.device_aliases:
            self._expect(alias, (DeviceAlias,), "an entry of device_aliases")
            self._expect(alias.value, (str,), "value of a DeviceAlias")
        for key in report.custom_fields or ():
            self._expect(key, (str,), "a key of custom_fields")

    def _expect(self, value: object, wanted: Shape, field: str) -> None:
        """Reject a value of another type; the value itself may be a secret and is not shown."""
        if not isinstance(value, wanted):
            expected = " or ".join("None" if each is type(None) else each.__name__ for each in wanted)
            raise ContractError(
                f"connector {self._connector}: {field} is of type {type(value).__name__}, expected {expected}"
            )
