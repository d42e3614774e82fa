"""Findings on the worker of rules and detector; pure."""

from datetime import UTC, datetime

from opsconductor.app.detecting.progress import DetectorFacts
from opsconductor.selfcheck.doctor.finding import DoctorFinding, bad, ok, warning

AREA = "detector"


def judge_detector(facts: DetectorFacts) -> list[DoctorFinding]:
    """Return findings on the worker: how far it is, and what is wrong."""
    findings = []
    if facts.stuck:
        text = f"rules and detector wait: {facts.stuck}"
        findings.append(bad(AREA, text, "bring the database back; they continue by themselves"))
    if facts.is_late:
        text = f"{_amounts(facts)}; {_times(facts)}"
        remedy = "look at the load of processor and database; after a long stop it catches up by itself"
        findings.append(bad(AREA, text, remedy))
    if facts.failed_lately:
        judged = bad if facts.fails_often else warning
        times = "once" if facts.failed_lately == 1 else f"{facts.failed_lately:,} times"
        text = f"failed {times} in the last hour, the latest with {facts.failure}"
        findings.append(judged(AREA, text, "the log has the traceback: report it; other values are judged"))
    if facts.checkpoint_error:
        text = f"the checkpoint cannot be written ({facts.checkpoint_error}); {_times(facts)}"
        findings.append(warning(AREA, text, "free space in the data directory, or correct its rights"))
    if not findings:
        findings.append(ok(AREA, f"{_amounts(facts)}; {_times(facts)}"))
    return findings


def _amounts(facts: DetectorFacts) -> str:
    behind = (
        f"{facts.lag_s:,.0f} s behind ({facts.waiting:,} batches wait)" if facts.waiting else "up to date"
    )
    return f"{facts.series:,} series known, {behind}"


def _times(facts: DetectorFacts) -> str:
    batch = f"last batch {_time(facts.batch_at)}" if facts.batch_at else "no batch since the start"
    stored = f"last checkpoint {_time(facts.checkpoint_at)}" if facts.checkpoint_at else "no checkpoint yet"
    return f"{batch}, {stored}"


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
