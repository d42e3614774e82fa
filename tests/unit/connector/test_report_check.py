"""Reports of third-party connectors are checked for their types before the daemon uses them."""

import asyncio
from datetime import UTC, datetime, timedelta
from importlib.metadata import EntryPoint
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from opsconductor.app.connectors.types import types_of
from opsconductor.connector.checking.conformance import build_connector
from opsconductor.connector.checking.report_check import ReportChecks
from opsconductor.connector.checking.type_check import fields_of
from opsconductor.connector.connector_type import source_type
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.errors import ContractError
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import DeviceAlias, NormalizedAlert, Snapshot

NOW = datetime(2026, 1, 2, tzinfo=UTC)
GOOD = NormalizedAlert(
    "acme",
    "network_link_down",
    Category.NETWORK,
    Severity.MAJOR,
    "Link Down",
    NOW,
    NOW,
    device_aliases=(DeviceAlias(kind="host", value="sw-1"),),
    tags=("core",),
    custom_fields=MappingProxyType({"port": 7}),
    expires_after=timedelta(hours=1),
)
WRONG: list[tuple[str, Any, str]] = [
    ("severity", "major", "severity is of type str, expected Severity"),
    ("category", None, "category is of type NoneType, expected Category"),
    ("title", b"Link Down", "title is of type bytes, expected str"),
    ("occurred_at", "2026-01-02", "occurred_at is of type str, expected datetime"),
    ("received_at", datetime(2026, 1, 2), "received_at has no time zone"),  # noqa: DTZ001
    ("device_ip", 17, "device_ip is of type int, expected str or None"),
    ("resource", 7, "resource is of type int, expected str"),
    ("is_clear", 1, "is_clear is of type int, expected bool"),
    ("expires_after", 60, "expires_after is of type int, expected timedelta or None"),
    ("custom_fields", [], "custom_fields is of type list, expected Mapping or None"),
    ("custom_fields", {7: "port"}, "a key of custom_fields is of type int, expected str"),
    ("tags", ["core"], "tags is of type list, expected tuple"),
    ("tags", ("core", 7), "an entry of tags is of type int, expected str"),
    ("device_aliases", ("sw-1",), "an entry of device_aliases is of type str, expected DeviceAlias"),
    ("raw_data", {}, "raw_data is of type dict, expected Callable"),
]


class Config(BaseModel):
    """A configuration without keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Acme:
    """A source that passes the content of the message on."""

    def __init__(self, config: Config, context: ConnectorContext) -> None:
        del config
        self._context = context

    async def run(self, emit: Emit) -> None:
        """Listen."""
        await emit([])
        await asyncio.Event().wait()

    def normalize(self, raw: RawEvent) -> list[NormalizedAlert]:
        """Take the severity unchanged."""
        severity: Any = raw.payload.decode()
        return [GOOD._replace(severity=severity)]

    def redacted(self, raw: RawEvent) -> bytes:
        """Keep everything."""
        return raw.payload

    async def check(self) -> CheckResult:
        """Succeed."""
        return CheckResult(ok=True, message="a toy")


TYPE = source_type("acme", Config, Acme)


def test_valid_reports_pass_unchanged() -> None:
    """Lists and snapshots are returned themselves, not copied, also when their types are known."""
    checks = ReportChecks("acme")
    snapshot = Snapshot(scope="acme", alerts=(GOOD,), taken_at=NOW)
    for found in ([GOOD], (GOOD, GOOD._replace(tags=(), custom_fields=None)), [], snapshot):
        assert checks.checked(found) is found  # type: ignore[arg-type]


@pytest.mark.parametrize(("field", "value", "words"), WRONG, ids=lambda part: str(part)[:40])
def test_a_wrong_type_is_named_with_connector_and_field(field: str, value: object, words: str) -> None:
    """Also after reports with right types, and never with the value, which may be a secret."""
    checks = ReportChecks("acme")
    checks.checked([GOOD])
    with pytest.raises(ContractError) as refused:
        checks.checked([GOOD, GOOD._replace(**{field: value})])
    assert str(refused.value) == f"connector acme: {words}"


def test_every_field_of_a_report_is_checked() -> None:
    """A field that is added to reports needs no change here."""
    assert tuple(fields_of(NormalizedAlert)) == NormalizedAlert._fields
    for field in NormalizedAlert._fields:
        with pytest.raises(ContractError, match=rf"^connector acme: {field} is of type object"):
            ReportChecks("acme").checked([GOOD._replace(**{field: object()})])


@pytest.mark.parametrize(
    "found",
    [None, (each for each in [GOOD]), "text", {}, Snapshot(scope="acme", alerts=[GOOD], taken_at=NOW)],  # type: ignore[arg-type]
    ids=["None", "a generator", "text", "a mapping", "a snapshot of a list"],
)
def test_other_results_than_reports_are_refused(found: Any) -> None:
    """A generator would be empty on the second read, and its reports would be lost."""
    with pytest.raises(ContractError, match=r"connector acme: .* is of type .*, expected"):
        ReportChecks("acme").checked(found)


def test_one_report_is_no_list() -> None:
    """A report is a tuple, but not one of reports."""
    with pytest.raises(ContractError, match="normalize is one report, expected a list of reports"):
        ReportChecks("acme").checked(GOOD)  # type: ignore[arg-type]


@pytest.mark.parametrize("scope", ["other", "acme2/x", "", "ac"])
def test_alerts_of_other_connectors_are_out_of_reach(scope: str) -> None:
    """A snapshot ends what it does not list: its scope is the connector's own, as the name in reports."""
    checks = ReportChecks("acme")
    with pytest.raises(ContractError, match="scope of a Snapshot is neither the connector's own name"):
        checks.checked(Snapshot(scope=scope, alerts=(), taken_at=NOW))
    with pytest.raises(ContractError, match="source_system is not the connector's own name"):
        checks.checked([GOOD._replace(source_system="other")])
    if scope:
        with pytest.raises(ContractError, match="snapshot_scope is neither the connector's own name"):
            checks.checked([GOOD._replace(snapshot_scope=scope)])
    assert checks.checked([GOOD._replace(snapshot_scope="acme/10.0.0.1")])
    assert checks.checked(Snapshot(scope="acme/10.0.0.1", alerts=(GOOD,), taken_at=NOW))


def test_a_dictionary_is_no_report() -> None:
    """A dictionary with the same keys is refused."""
    with pytest.raises(ContractError, match="a report is of type dict, expected NormalizedAlert"):
        ReportChecks("acme").checked([GOOD._asdict()])  # type: ignore[list-item]


def test_types_of_other_packages_are_checked_and_ours_are_not(tmp_path: Path) -> None:
    """Types found by entry point are third-party; types of this repository are checked by mypy."""
    entry = EntryPoint("acme", f"{__name__}:TYPE", "opsconductor.connectors")
    found = types_of([_Loaded(entry)]).known["acme"]  # type: ignore[list-item]
    context = ConnectorContext(name="acme-1", data_dir=tmp_path)
    raw = RawEvent("acme-1", b"major", NOW)
    theirs = build_connector(found, Config(), context).source
    assert theirs is not None
    with pytest.raises(
        ContractError, match=r"^connector acme-1: severity is of type str, expected Severity$"
    ):
        theirs.normalize(raw)
    assert theirs.redacted(raw) == b"major"
    assert asyncio.run(theirs.check()).ok
    ours = build_connector(TYPE, Config(), context).source
    assert isinstance(ours, Acme)


class _Loaded:
    """An entry point of this module, which tests load under another name."""

    def __init__(self, entry: EntryPoint) -> None:
        self.name, self.value = entry.name, entry.value

    def load(self) -> object:
        """Return the type."""
        return TYPE
