"""Findings on database, spool and ledger; pure."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from opsconductor.connector.settings.duration import format_duration
from opsconductor.ledger.equations import Gap
from opsconductor.model.text import printable
from opsconductor.selfcheck.doctor.finding import DoctorFinding, bad, ok, warning
from opsconductor.selfcheck.doctor.pages import ConnectorPage, LedgerPages
from opsconductor.selfcheck.watch.trouble import SPOOL_FULL, SpoolFacts
from opsconductor.store.aside import AsideSum
from opsconductor.store.diagnosis import ServerFacts
from opsconductor.store.postgres.migrate import head

MIB = 1024**2
CLOCK_TOLERATED = timedelta(seconds=1)
CLOCK_WRONG = timedelta(seconds=10)
CONNECTIONS_FULL = 0.9
DROPPED = {
    "intake_full": (
        "because the queue was full, those of the devices that sent most",
        "look for a storm (network_trap_storm), or a database that was away or slow",
    ),
    "not_in_time": (
        "because the queue was full; their senders were asked to send them again",
        "look for a storm (network_trap_storm), or a database that was away or slow",
    ),
    "stopped_while_full": ("when it stopped", "let systemd hold the ports: opsconductor.socket"),
}
"""Why messages were dropped, and what to do, by reason of the ledger; other connectors have their own."""


def judge_server(server: ServerFacts) -> list[DoctorFinding]:
    """Return findings on a database that answers."""
    text = f"PostgreSQL {server.version}, schema {server.revision}, {server.bytes / MIB:,.0f} MiB"
    answered_ms = server.answered_within / timedelta(milliseconds=1)
    findings = [ok("database", f"{text}, answers within {answered_ms:.1f} ms")]
    if server.revision != head():
        found = server.revision or "no schema"
        remedy = "opsconductor db upgrade; if it is newer, install the version that made it"
        findings.append(bad("database", f"the schema is {found}, this version needs {head()}", remedy))
    if server.is_read_only:
        findings.append(
            bad(
                "database",
                "the server is read-only: it is a replica",
                "point database.url to the primary",
            )
        )
    if server.connections >= CONNECTIONS_FULL * server.most_connections:
        text = f"{server.connections} of {server.most_connections} connections are in use"
        findings.append(
            warning("database", text, "raise max_connections, or find out which clients hold them")
        )
    findings += _clock(server.clock_ahead)
    return findings


def judge_away(error: str, *, is_embedded: bool) -> DoctorFinding:
    """Return the finding on a database that does not answer."""
    remedy = (
        "the daemon restarts its own PostgreSQL; see the files in postgres/log in the data directory"
        if is_embedded
        else "look at the server's log, at database.url and at the network between"
    )
    return bad("database", f"PostgreSQL does not answer: {error}", remedy)


def judge_spool(spool: SpoolFacts | None) -> list[DoctorFinding]:
    """Return findings on the spool."""
    if spool is None:
        return []
    return [*_refusal(spool), *_lost(spool), *_rejected(spool), *_waiting(spool)]


def _refusal(spool: SpoolFacts) -> Iterable[DoctorFinding]:
    if spool.refusal:
        text = f"it accepts nothing more, senders wait for their acknowledgement: {spool.refusal}"
        yield bad("spool", text, "bring the database back, or make room on the disk and the folder writable")


def _lost(spool: SpoolFacts) -> Iterable[DoctorFinding]:
    if spool.lost:
        text = f"{spool.lost} batches with {spool.lost_reports} reports were acknowledged and are missing"
        remedy = "check the disk, then delete spool/lost-*.json in the data directory; see docs/spool.md"
        yield bad("spool", text, remedy)


def _rejected(spool: SpoolFacts) -> Iterable[DoctorFinding]:
    if spool.rejected:
        text = f"PostgreSQL rejected {spool.rejected} batches of changes permanently"
        remedy = "they stay in spool/rejected: report them; see docs/spool.md"
        yield bad("spool", text, remedy)


def _waiting(spool: SpoolFacts) -> list[DoctorFinding]:
    if not spool.entries:
        return [] if spool.refusal else [ok("spool", "empty")]
    size, age = f"{spool.bytes / MIB:,.1f} MiB", _length(spool.age)
    waiting = f"{spool.entries} batches of changes, {size}, the oldest since {age}"
    if spool.bytes >= SPOOL_FULL * spool.limit_bytes:
        return [
            bad("spool", f"nearly full: {waiting}", "bring the database back before senders have to wait")
        ]
    return [warning("spool", waiting, "bring the database back; the spool drains by itself")]


def judge_ledger(pages: LedgerPages) -> list[DoctorFinding]:
    """Return findings on the loss ledger."""
    findings = [_gap(gap) for gap in pages.gaps]
    for page in pages.connectors:
        findings += _losses(page)
    findings += _spans(pages)
    if not findings:
        received = sum(page.stages.get("received", 0) for page in pages.connectors)
        findings.append(ok("ledger", f"every one of {received:,} messages is accounted for"))
    return findings


def _gap(gap: Gap) -> DoctorFinding:
    what = "missing" if gap.missing > 0 else "counted twice"
    text = f"{gap.connector}: {abs(gap.missing):,} {what}: {gap.meaning}"
    return bad("ledger", text, "keep the log and report this: it is a fault of OpsConductor")


def _losses(page: ConnectorPage) -> Iterable[DoctorFinding]:
    drops, failed, unarchived = (
        page.stages.get(stage, 0) for stage in ("kernel_drop", "failed", "unarchived")
    )
    if drops:
        text = f"{page.connector}: the kernel dropped {drops:,} messages"
        yield warning("ledger", text, "raise receive_buffer_bytes of the connector and net.core.rmem_max")
    for each in page.reasons:
        if each.stage == "dropped":
            own = f"({each.reason})", "look into the README of its type"
            why, remedy = DROPPED.get(each.reason, own)
            yield warning("ledger", f"{page.connector}: {each.amount:,} messages were dropped {why}", remedy)
    if failed:
        text = f"{page.connector}: {failed:,} messages could not be processed"
        yield warning("ledger", text, "they were set aside, see below: report them")
    if unarchived:
        text = f"{page.connector}: {unarchived:,} messages could not be archived, a replay lacks them"
        yield warning("ledger", text, "the log has the error of the connector's redacted(): report it")


def judge_asides(asides: Sequence[AsideSum]) -> list[DoctorFinding]:
    """Return findings on what was recently set aside, by kind and origin, with the latest one's beginning."""
    findings = []
    for aside in asides:
        name = f"{aside.kind}s of {aside.origin}" if aside.origin else f"{aside.kind}s"
        beginning = aside.first_bytes.hex(" ") or "none kept"
        text = (
            f"{aside.amount:,} {name}, the latest at {aside.latest_at:%Y-%m-%d %H:%M:%S} UTC from "
            f"{aside.subject or '?'}: {aside.reason}; {aside.size:,} bytes: {beginning}"
        )
        remedy = (
            "report it, it is a fault of OpsConductor or of a third-party connector; to see and retry it: "
            "opsconductor aside list"
        )
        findings.append(bad("set aside", printable(text), remedy))
    return findings


def _spans(pages: LedgerPages) -> Iterable[DoctorFinding]:
    if pages.unknown_s:
        length = _length(timedelta(seconds=pages.unknown_s))
        text = f"counts are missing for {length}: a run ended without shutdown"
        yield warning(
            "ledger", text, "journalctl -u opsconductor shows how it ended (killed? out of memory?)"
        )
    if pages.down_s:
        text = f"the daemon did not listen for {_length(timedelta(seconds=pages.down_s))}, between two runs"
        yield warning(
            "ledger", text, "let systemd hold the ports meanwhile: systemctl enable opsconductor.socket"
        )


def _clock(ahead: timedelta) -> Sequence[DoctorFinding]:
    if abs(ahead) <= CLOCK_TOLERATED:
        return []
    side = "ahead of" if ahead > timedelta(0) else "behind"
    text = f"its clock is {abs(ahead).total_seconds():.1f} s {side} this machine's"
    rated = bad if abs(ahead) > CLOCK_WRONG else warning
    return [rated("database", text, "let NTP synchronize both clocks")]


def _length(length: timedelta) -> str:
    return format_duration(timedelta(seconds=int(length.total_seconds())))
