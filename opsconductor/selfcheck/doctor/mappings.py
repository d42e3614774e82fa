"""Findings on mappings: clears that never match their problems, faults that are split."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from opsconductor.mapping_report.apart import why_apart
from opsconductor.selfcheck.doctor.finding import DoctorFinding, ok, warning
from opsconductor.store.mapping_health import NearAlert, SplitSum, read_alerts_of, read_split
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.raw_events import reading
from opsconductor.store.unmatched import UnmatchedSum, read_unmatched_clears

AREA = "mappings"
GOES_BACK = timedelta(days=7)
MOST_READ = 100
MOST_RESOURCES = 10
MOST_SHOWN = 3
REMEDY = "opsconductor mappings report shows what to change"


async def examine_mappings(pool: Pool, now: datetime) -> list[DoctorFinding]:
    """Examine the clears and alerts that mappings have produced in the last days."""
    since = now - GOES_BACK
    sums = await read_unmatched_clears(pool, since, most=MOST_READ, most_resources=MOST_RESOURCES)
    async with reading(pool) as connection:
        near = await read_alerts_of(connection, sorted({each.device for each in sums}), since)
        split = await read_split(connection, since)
    return judge_mappings(sums, near, split)


def judge_mappings(
    sums: Iterable[UnmatchedSum], near: Iterable[NearAlert], split: Sequence[SplitSum]
) -> list[DoctorFinding]:
    """Return findings on clears whose problems stay open, and on faults that are many alerts."""
    findings = [*_apart(sums, near), *_split(split)]
    return findings or [ok(AREA, "no clears that miss their problems, no faults that are split")]


def _apart(sums: Iterable[UnmatchedSum], near: Iterable[NearAlert]) -> list[DoctorFinding]:
    problems: dict[tuple[str, str], list[str]] = {}
    for alert in near:
        if alert.is_open:
            problems.setdefault((alert.device, alert.alert_type), []).append(alert.resource)
    found = []
    for each in sums:
        open_ = problems.get((each.device, each.alert_type), ())
        reasons = (why_apart(cleared, problem) for problem in open_ for cleared in each.some_resources)
        if reason := next(filter(None, reasons), ""):
            found.append(f"{each.device} {each.alert_type} ({each.amount:,}x: {reason})")
    if not found:
        return []
    text = f"clears ended nothing though their problems are open: {_some(found)}"
    return [warning(AREA, text, REMEDY)]


def _split(split: Sequence[SplitSum]) -> list[DoctorFinding]:
    if not split:
        return []
    found = [f"{each.device} {each.alert_type} ({each.alerts:,} alerts)" for each in split]
    text = f"faults of one device and type that hardly ever come again, in 7 days: {_some(found)}"
    return [warning(AREA, text, REMEDY)]


def _some(found: Sequence[str]) -> str:
    rest = len(found) - MOST_SHOWN
    return "; ".join(found[:MOST_SHOWN]) + (f"; and {rest} more" if rest > 0 else "")
