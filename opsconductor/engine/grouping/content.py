"""Facts of a message about several alerts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from opsconductor.engine.alert_index import device_key
from opsconductor.engine.grouping.batch import ENDS, MOST_LISTED, MessageBatch, rank_of
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Category, NotificationKind, Status

STILL = "still"
"""Kind of alerts that are repeated."""
SHOWN = ("title", "alert_type", "device_name", "device_ip", "resource", "occurrence_count", "acknowledged_by")


def brief(work: EngineStep, alert: Alert) -> Mapping[str, Any]:
    """Return what a line about an alert says, JSON-ready."""
    device = work.state.inventory.device_at(device_key(alert))
    return {
        "alert_id": str(alert.id),
        "severity": alert.severity.value,
        "status": alert.status.value,
        "site": device.site if device is not None else None,
        "occurred_at": _time(alert.occurred_at),
        "resolved_at": _time(alert.resolved_at),
        "is_flapping": alert.flapping_since is not None,
        "impacted": work.book.chains.count(alert.id.int),
        **{name: getattr(alert, name) for name in SHOWN},
    }


def summary_facts(work: EngineStep, batch: MessageBatch, still: Sequence[Alert] = ()) -> Mapping[str, Any]:
    """Return the facts of a message: the worst alerts in full, and the number of all.

    Args:
        still: Alerts that the recipient knows and that are repeated, the worst first.
    """
    named = listed(work, batch)
    for alert in named:
        work.state.batches.impacts.note(alert, work.book.chains.count(alert.id.int))
    members = [brief(work, alert) for alert in named]
    repeated = [{**brief(work, alert), "kind": STILL} for alert in still[:MOST_LISTED]]
    updates = sorted(batch.updates, key=rank_of, reverse=True)
    is_over = not members and not still and all(kind in ENDS for kind in batch.counts)
    counts = {**({STILL: len(still)} if still else {}), **batch.counts}
    severity = (members or repeated or updates)[0]["severity"]
    return {
        "kind": NotificationKind.SUMMARY.value,
        "severity": severity,
        "status": (Status.RESOLVED if is_over else Status.ACTIVE).value,
        "category": Category.UNKNOWN.value,
        "amount": batch.amount,
        "severities": batch.severities(),
        "updates": counts,
        "title": title_of(batch, counts),
        "group": batch.key.group,
        "is_limit": batch.key.rule_id is None,
        "waited_since": _time(batch.opened_at),
        "rules": list(batch.rules),
        "absorbed": [str(each) for each in batch.absorbed],
        "members": [
            *({**each, "kind": NotificationKind.PROBLEM.value, "is_new": True} for each in members),
            *repeated,
            *updates,
        ],
    }


def is_earlier_end(brief: Mapping[str, Any], alert: Alert) -> bool:
    """Return True if a line says that an alert is over, and it has been open again since.

    When the clock is set back, the engine makes `resolved_at` earlier; that is the same end.
    """
    if brief["kind"] not in ENDS:
        return False
    return alert.resolved_at is None or datetime.fromisoformat(brief["resolved_at"]) < alert.resolved_at


def listed(work: EngineStep, batch: MessageBatch) -> Sequence[Alert]:
    """Return the worst problems that wait, as they are now."""
    found = map(work.book.numbered, islice(batch.worst(), MOST_LISTED))
    return [alert for alert in found if alert is not None]


def title_of(batch: MessageBatch, counts: Mapping[str, int]) -> str:
    """Return the numbers in one line: `12 alerts: 3 critical, 9 major; 2 are over`."""
    parts = []
    if batch.amount:
        worst = ", ".join(f"{amount} {word}" for word, amount in batch.severities().items())
        parts.append(f"{counted(batch.amount, 'alert')}: {worst}")
    for kind, amount in counts.items():
        parts.append(f"{counted(amount, 'alert') if not parts else amount} {WORDS.get(kind, kind)}")
    return "; ".join(parts)


WORDS: Mapping[str, str] = {
    NotificationKind.RECOVERY: "over",
    NotificationKind.WORSE: "worse",
    NotificationKind.UPDATED: "with more consequences",
    NotificationKind.PROBLEM: "again",
    NotificationKind.STABLE: "stable again",
    NotificationKind.REMINDER: "not acknowledged",
    STILL: "still open",
}
"""What has happened to an alert, by kind of notification; of others the kind itself."""


def counted(amount: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{amount:,} {noun}{'' if amount == 1 else 's'}"


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment is not None else None
