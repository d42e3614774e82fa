"""The doctor's findings: good, worth a look, or bad; each with a remedy."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from rich.console import Console

from connectors.snmp_trap.config import SnmpTrapConfig
from connectors.snmp_trap.receiving.samples import masked
from opsconductor.app.status.system_info import GIB, MIB, Disk, KernelClock, disk_of, read_clock
from opsconductor.cli.doctor.text import page_of
from opsconductor.config.settings import ApiSettings
from opsconductor.connector.interface import CheckResult
from opsconductor.ledger.equations import Gap, LedgerEntry
from opsconductor.model.enums import ConnectorStatus, Severity
from opsconductor.model.notifications.rule import NotificationRule, RuleChannel
from opsconductor.selfcheck.doctor.connections import judge_connection
from opsconductor.selfcheck.doctor.finding import (
    DoctorFinding,
    DoctorReport,
    FindingVerdict,
    bad,
    ok,
    warning,
)
from opsconductor.selfcheck.doctor.live import ORDER, in_order
from opsconductor.selfcheck.doctor.machine import (
    certificate_files,
    judge_certificates,
    judge_clock,
    judge_disk,
)
from opsconductor.selfcheck.doctor.pages import pages_of
from opsconductor.selfcheck.doctor.setup import judge_communities, judge_delivery, judge_setup, judge_unmapped
from opsconductor.selfcheck.doctor.stores import judge_away, judge_ledger, judge_server, judge_spool
from opsconductor.selfcheck.watch.disk import troubles_of_disk
from opsconductor.selfcheck.watch.trouble import SpoolFacts
from opsconductor.store.configuration import ConnectorRow
from opsconductor.store.diagnosis import GivenUp, Overdue, ServerFacts, Unmapped
from opsconductor.store.postgres.cluster import SETTINGS
from opsconductor.store.postgres.embedded import CLUSTER
from opsconductor.store.postgres.migrate import head
from tests.support.certificates import make_certificates

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SERVER: dict[str, Any] = {
    "version": "18.4",
    "bytes": 9 * MIB,
    "is_read_only": False,
    "connections": 5,
    "most_connections": 100,
    "revision": head(),
    "answered_within": timedelta(milliseconds=2),
    "clock_ahead": timedelta(0),
}


def verdicts(findings: list[DoctorFinding]) -> list[str]:
    """List the verdicts; every finding that is not good has a remedy."""
    assert all(finding.remedy for finding in findings if finding.verdict is not FindingVerdict.OK)
    return [str(finding.verdict) for finding in findings]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ["ok"]),
        ({"revision": "0001"}, ["ok", "bad"]),
        ({"revision": None}, ["ok", "bad"]),
        ({"is_read_only": True}, ["ok", "bad"]),
        ({"connections": 90}, ["ok", "warning"]),
        ({"clock_ahead": timedelta(seconds=-2)}, ["ok", "warning"]),
        ({"clock_ahead": timedelta(seconds=60)}, ["ok", "bad"]),
    ],
)
def test_server(changed: dict[str, object], expected: list[str]) -> None:
    """Schema, rights, connections and clock of PostgreSQL."""
    assert verdicts(judge_server(ServerFacts(**{**SERVER, **changed}))) == expected


@pytest.mark.parametrize(("entries", "size", "expected"), [(0, 0, "ok"), (3, 10, "warning"), (3, 80, "bad")])
def test_spool(entries: int, size: int, expected: str) -> None:
    """Empty is good, in use is worth a look, nearly full is bad."""
    facts = SpoolFacts(entries=entries, bytes=size, limit_bytes=100, age=timedelta(seconds=9))
    assert verdicts(judge_spool(facts)) == [expected]


def test_the_log_of_the_embedded_server_is_named_where_it_is() -> None:
    """The folder is the one in its settings."""
    assert "log_directory = 'log'" in SETTINGS
    assert f"{CLUSTER}/log" in judge_away("gone", is_embedded=True).remedy


def test_a_spool_that_accepts_nothing_is_bad_with_its_reason() -> None:
    """An empty one, too: then nothing is acknowledged, and it is not called empty."""
    refusal = "/data/spool: Read-only file system"
    (finding,) = judge_spool(SpoolFacts(entries=0, bytes=0, limit_bytes=1, age=timedelta(0), refusal=refusal))
    assert finding.verdict == "bad"
    assert refusal in finding.text


def test_ledger_that_adds_up_is_good() -> None:
    """Rejected messages are shown, but nothing is wrong."""
    entries = [
        LedgerEntry("traps", "received", "", 1_000),
        LedgerEntry("traps", "refused", "community", 1_000),
    ]
    (finding,) = judge_ledger(pages_of(entries, NOW, None))
    assert finding == ok("ledger", "every one of 1,000 messages is accounted for")


def test_ledger_shows_losses_gaps_and_spans() -> None:
    """Gaps are bad; drops, failures and times without counting are warnings."""
    entries = [
        LedgerEntry("traps", "kernel_drop", "", 331),
        LedgerEntry("traps", "failed", "ValueError", 1),
        LedgerEntry("traps", "unarchived", "KeyError", 2),
        LedgerEntry("traps", "gap", "folded", 3),
        LedgerEntry("traps", "gap", "taken", 0),
        LedgerEntry("", "unknown", "ended_without_a_word", 12),
        LedgerEntry("", "down", "stopped", 3),
    ]
    pages = pages_of(entries, NOW, None)
    findings = judge_ledger(pages)
    assert verdicts(findings) == ["bad", *["warning"] * 5]
    assert "3 missing" in findings[0].text
    assert "331" in findings[1].text
    assert "2 messages could not be archived" in findings[3].text
    assert pages.connectors[0].gap == 3
    assert [(r.stage, r.amount) for r in pages.connectors[0].reasons] == [("kernel_drop", 331), ("failed", 1)]


@pytest.mark.parametrize(
    ("reason", "text", "remedy"),
    [
        ("intake_full", "because the queue was full", "look for a storm"),
        ("not_in_time", "asked to send them again", "look for a storm"),
        ("stopped_while_full", "when it stopped", "let systemd hold the ports"),
        ("broker_full", "(broker_full)", "README"),
    ],
)
def test_each_reason_for_dropping_messages_has_its_remedy(reason: str, text: str, remedy: str) -> None:
    """What a storm displaces from a full queue is not reported as lost at a stop."""
    (finding,) = judge_ledger(pages_of([LedgerEntry("traps", "dropped", reason, 7)], NOW, None))
    assert "traps: 7 messages were dropped" in finding.text
    assert text in finding.text
    assert remedy in finding.remedy


def test_gaps_of_now_count_more_than_those_of_the_past() -> None:
    """A running daemon knows whether its ledger adds up now."""
    entries = [LedgerEntry("traps", "gap", "folded", 3)]
    assert pages_of(entries, NOW, []).gaps == []
    now = Gap(connector="traps", equation="taken", missing=-1)
    assert "1 counted twice" in judge_ledger(pages_of(entries, NOW, [now]))[0].text


@pytest.mark.parametrize(
    ("free", "total", "expected"),
    [
        (100 * MIB, 100 * GIB, "bad"),
        (5 * GIB, 100 * GIB, "warning"),
        (15 * GIB, 100 * GIB, "ok"),
        (50 * GIB, 1_000 * GIB, "ok"),
        (2 * GIB, 10 * GIB, "ok"),
    ],
)
def test_disk(free: int, total: int, expected: str) -> None:
    """Half a GiB is bad; less than a tenth is low, unless it is much."""
    assert verdicts([judge_disk(Disk(Path("/data"), total, free))]) == [expected]


@pytest.mark.parametrize(
    ("changes", "words", "alert_type"),
    [
        ({"is_writable": False}, "/data cannot be written", "application_disk_unwritable"),
        ({"files": 9}, "only 9 more files can be created", "application_disk_full"),
        ({"free": 3 * MIB}, "only 3 MiB are free", "application_disk_full"),
    ],
)
def test_a_disk_on_which_nothing_can_be_stored_is_bad_and_an_alert(
    changes: dict[str, Any], words: str, alert_type: str
) -> None:
    """It is read-only, or has no room for more files or bytes, although the other figures are good."""
    disk = Disk(Path("/data"), 10 * GIB, 9 * GIB, files=1_000_000)._replace(**changes)
    finding = judge_disk(disk)
    assert finding.verdict == "bad"
    assert words in finding.text
    (trouble,) = troubles_of_disk(disk)
    assert (trouble.alert_type, trouble.severity) == (alert_type, Severity.MAJOR)
    assert words in trouble.message


def test_disk_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    """Before the first start the disk is that of the parent folder."""
    assert disk_of(tmp_path / "not" / "yet").total == disk_of(tmp_path).total > 0


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (KernelClock(is_synchronized=True, largest_error_s=0.01), "ok"),
        (KernelClock(is_synchronized=False, largest_error_s=16.0), "warning"),
        (None, "warning"),
    ],
)
def test_clock(clock: KernelClock | None, expected: str) -> None:
    """An unsynchronized clock makes times worthless."""
    assert verdicts([judge_clock(clock)]) == [expected]


def test_kernel_reports_its_clock() -> None:
    """Where the kernel answers, its largest error is a length of time."""
    clock = read_clock()
    assert clock is None or 0 <= clock.largest_error_s < 86_400


def test_certificates(tmp_path: Path) -> None:
    """Good for long, soon to expire, expired, unreadable, no certificate."""
    file = make_certificates(tmp_path).ca_file
    ends_at = datetime.now(UTC) + timedelta(hours=1)
    path = tmp_path / "text.pem"
    path.write_text("no certificate")
    files = certificate_files({"mail": {"ca_file": str(file)}, "hook": {"ca_file": None, "url": "x"}})
    assert files == [("mail", file)]
    for days, expected in ((60, "ok"), (20, "warning"), (-1, "bad")):
        assert verdicts(judge_certificates(files, ends_at - timedelta(days=days))) == [expected]
    broken = [("mail", path), ("mail", tmp_path / "gone.pem")]
    assert verdicts(judge_certificates(broken, NOW)) == ["bad", "bad"]


def connector(name: str, kind: str, *, enabled: bool = True, **config: object) -> ConnectorRow:
    """Make a row of `connectors`."""
    return ConnectorRow(id=uuid4(), name=name, type=kind, enabled=enabled, config=config)


def rule(*channels: str, enabled: bool = True) -> NotificationRule:
    """Make a rule that uses some channels."""
    targets = tuple(RuleChannel(channel=channel) for channel in channels)
    return NotificationRule(id=uuid4(), name="majors", channels=targets, enabled=enabled)


GOOD_TRAPS = connector("traps", "snmp_trap", communities=["s3cret"])
HOOK = connector("hook", "webhook")


@pytest.mark.parametrize(
    ("connectors", "rules", "listen", "expected"),
    [
        ([GOOD_TRAPS, HOOK], [rule("hook")], "127.0.0.1:8080", ["ok"]),
        ([GOOD_TRAPS, HOOK], [rule("hook")], "[::1]:8080", ["ok"]),
        ([GOOD_TRAPS, HOOK], [rule("hook")], "0.0.0.0:8080", ["warning"]),
        ([HOOK], [], "127.0.0.1:1", ["warning", "warning"]),
        ([HOOK], [rule("hook", enabled=False)], "127.0.0.1:1", ["warning", "warning"]),
        ([HOOK], [rule("hook", "gone")], "127.0.0.1:1", ["bad"]),
        ([connector("hook", "webhook", enabled=False)], [rule("hook")], "127.0.0.1:1", ["bad"]),
    ],
)
def test_setup(
    connectors: list[ConnectorRow], rules: list[NotificationRule], listen: str, expected: list[str]
) -> None:
    """Settings that work as written, but surely not as meant."""
    api = ApiSettings.model_validate({"listen": listen})
    assert verdicts(judge_setup(api, connectors, rules, {"webhook", "email"})) == expected
    if listen == "0.0.0.0:8080":
        encrypted = api.model_copy(update={"tls_certificate": Path("/etc/page.pem")})
        assert verdicts(judge_setup(encrypted, connectors, rules, {"webhook", "email"})) == ["ok"]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, ["warning"]),
        ({"communities": ["*"]}, ["warning"]),
        ({"communities": ["public", "s3cret"]}, ["warning"]),
        ({"networks": ["10.0.0.0/8"]}, []),
        ({"communities": ["s3cret"]}, []),
        ({"communities": []}, []),
    ],
)
def test_well_known_communities(config: dict[str, object], expected: list[str]) -> None:
    """The default admits every sender; only well-known communities are named."""
    findings = judge_communities("traps", SnmpTrapConfig.model_validate(config))
    assert verdicts(findings) == expected
    assert "s3cret" not in str(findings)


def test_unmapped_traps_and_undelivered_notifications() -> None:
    """Traps without mapping are a warning, channels with a backlog are bad."""
    assert judge_unmapped([]) == []
    (finding,) = judge_unmapped([Unmapped(oid="1.3.6.1.4.1.9.9", amount=1_200, devices=1)])
    assert "1.3.6.1.4.1.9.9 (1,200x from 1 device)" in finding.text
    given_up = [GivenUp(channel="mail", amount=2, error="550 no such user")]
    overdue = [Overdue(channel="hook", amount=7, oldest_at=NOW)]
    assert verdicts(judge_delivery(given_up, overdue)) == ["warning", "bad"]


@pytest.mark.parametrize(
    ("check", "status", "expected"),
    [
        (CheckResult(ok=True, message="works"), (ConnectorStatus.CONNECTED, None), ["ok"]),
        (CheckResult(ok=True, message="works"), None, ["ok"]),
        (CheckResult(ok=True, message="works"), (ConnectorStatus.ERROR, "refused"), ["bad"]),
        (CheckResult(ok=False, message="cannot"), None, ["bad"]),
        (
            CheckResult(
                ok=True,
                message="listens",
                details={"receive_buffer_bytes": {"[::]:162": 1, "0.0.0.0:162": 9}, "requested_bytes": 9},
            ),
            None,
            ["ok", "warning", "ok"],
        ),
    ],
)
def test_connections(
    check: CheckResult, status: tuple[ConnectorStatus, str | None] | None, expected: list[str]
) -> None:
    """A connector is judged by what its supervisor knows, by its own check, and by its buffers."""
    assert verdicts(list(judge_connection("connectors", "traps", check, status))) == expected


def test_an_inventory_that_works_in_part_is_bad_though_its_check_is_good() -> None:
    """The inventory itself reports what is missing, with the remedy."""
    lacks = "dcim.cable: grant the right to view it"
    check = CheckResult(ok=True, message="works")
    (finding,) = judge_connection("connectors", "netbox", check, (ConnectorStatus.DEGRADED, lacks))
    assert (finding.verdict, finding.text) == ("bad", f"netbox works only partly: {lacks}")


def test_report_is_as_bad_as_its_worst_finding() -> None:
    """Its findings are in the order in which people read them."""
    findings = in_order([ok("disk", "a"), warning("clock", "b", "c"), bad("daemon", "d", "e")])
    assert [finding.area for finding in findings] == ["daemon", "clock", "disk"]
    assert DoctorReport(at=NOW, findings=findings).verdict is FindingVerdict.BAD
    assert DoctorReport(at=NOW, findings=findings[1:]).verdict is FindingVerdict.WARNING
    assert DoctorReport(at=NOW, findings=()).verdict is FindingVerdict.OK
    assert len(set(ORDER)) == len(ORDER)


def test_many_findings_alike_are_summed_up() -> None:
    """Of 200 equal faults three are shown with their number, and the remedy once; few are all shown."""
    many = [bad("connectors", f"poll-{number}: no answer", "look at it") for number in range(200)]
    few = [warning("connectors", f"quiet-{number}", "wait") for number in range(5)]
    report = dict(DoctorReport(at=NOW, findings=[*many, *few]).document())
    out = StringIO()
    Console(file=out, width=240, highlight=False, markup=False).print(page_of(report))
    text = out.getvalue()
    assert text.count("no answer") == 3
    assert "and 197 more like these" in text
    assert text.count("look at it") == 1
    assert text.count("quiet-") == 5
    assert "200 bad" in text


def test_hostile_text_does_not_steer_the_terminal() -> None:
    """Escape sequences from connectors, peers and errors are escaped."""
    evil = "\x1b[2J\u202e\r\nok"
    entries = [LedgerEntry(evil, "received", "", 1), LedgerEntry(evil, "refused", evil, 1)]
    report = dict(DoctorReport(at=NOW, findings=[bad("disk", evil, evil)]).document())
    shown = pages_of(entries, NOW, None)
    page = {
        "connector": evil,
        "stages": shown.connectors[0].stages,
        "reasons": [{"stage": "refused", "reason": evil, "amount": 1}],
        "gap": 0,
    }
    sample = {"connector": evil, "reason": evil, "at": NOW.isoformat(), "peer": evil, "first_bytes": evil}
    report["ledger"] = {"since": NOW.isoformat(), "connectors": [page]}
    report["samples"] = [sample]
    report["findings"] = [{"area": evil, "verdict": "bad", "text": evil, "remedy": evil}]
    out = StringIO()
    Console(file=out, width=240, highlight=False, markup=False).print(page_of(report))
    assert "\x1b" not in out.getvalue()
    assert "\u202e" not in out.getvalue()


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\x30\x20\x02\x01\x01\x04\x06public\xa7\xff", b"\x30\x20\x02\x01\x01\x04\x06******\xa7\xff"),
        (b"\x30\x82\x01\x00\x02\x01\x00\x04\x02ab\xa4", b"\x30\x82\x01\x00\x02\x01\x00\x04\x02**\xa4"),
        (b"\x30\x20\x02\x01\x01\x04\x7fab", b"\x30\x20\x02\x01\x01\x04\x7f**"),
        (b"\xffsecret\xff12\xff", b"\xff******\xff12\xff"),
        (b"", b""),
    ],
)
def test_samples_hold_no_community(payload: bytes, expected: bytes) -> None:
    """The community, and text in general, is masked in samples."""
    assert masked(payload) == expected
