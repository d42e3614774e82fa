"""The outcome of a test of rules, JSON-ready."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from opsconductor.app.rule_test.testing import RuleTestOutcome, RuleTestRequest
from opsconductor.replay.compare import NotifiedInReplay
from opsconductor.replay.tally import NotifiedFault

Json = dict[str, Any]


def document_of(request: RuleTestRequest, test: RuleTestOutcome) -> Json:
    """Return the whole outcome, most messages and worst faults first."""
    tested, reach, outcome = test.tested, test.reach, test.outcome
    return {
        "asked": {"from": request.begin.isoformat(), "to": request.end.isoformat()},
        "tested": {"from": tested.begin.isoformat(), "to": tested.end.isoformat()},
        "archive": reach and {"from": reach[0].isoformat(), "to": reach[1].isoformat()},
        "limited_by": test.limited_by,
        "plan": test.plan,
        "events": outcome.events,
        "not_kept": outcome.not_kept,
        "commands": outcome.commands,
        "skipped": _skipped(test),
        "messages": {"would": sum(test.would.values()), "were": sum(test.real.were.values())},
        "kinds": _by("kind", test),
        "rows": _rows(test),
        "silent_total": test.real.silent_total,
        "silent": [_fault(fault) for fault in test.real.silent],
        "new_total": test.real.new_total,
        "new": [_fault(fault) for fault in test.real.new],
        "took_s": round(test.took_s, 3),
    }


def _rows(test: RuleTestOutcome) -> list[Json]:
    """Return the messages by rule, channel and recipient."""
    names = ("rule", "channel", "recipient")
    would, were = _summed(test.would, names), _summed(test.real.were, names)
    rows = [
        {**dict(zip(names, who, strict=True)), "would": would[who], "were": were[who]}
        for who in would.keys() | were.keys()
    ]
    return sorted(rows, key=lambda row: (-max(row["would"], row["were"]), *(row[name] for name in names)))


def _by(name: str, test: RuleTestOutcome) -> dict[str, Json]:
    would, were = _summed(test.would, (name,)), _summed(test.real.were, (name,))
    return {
        each[0]: {"would": would[each], "were": were[each]} for each in sorted(would.keys() | were.keys())
    }


def _summed(messages: Mapping[NotifiedInReplay, int], names: Iterable[str]) -> Counter[tuple[str, ...]]:
    sums: Counter[tuple[str, ...]] = Counter()
    for each, amount in messages.items():
        sums[tuple(getattr(each, name) for name in names)] += amount
    return sums


def _fault(fault: NotifiedFault) -> Json:
    return {
        **fault._asdict(),
        "first_at": fault.first_at.isoformat(),
        "recipients": list(fault.recipients),
    }


def _skipped(test: RuleTestOutcome) -> list[Json]:
    """Return the events that could not be replayed, by connector and reason."""
    outcome = test.outcome
    reasons = {
        (name, test.faults.get(name, "it is not configured, or not enabled")): amount
        for name, amount in outcome.no_connector.items()
    } | {
        (name, f"cannot be decoded: {reason}"): amount
        for (name, reason), amount in outcome.undecodable.items()
    }
    return [
        {"connector": name, "reason": reason, "events": amount}
        for (name, reason), amount in sorted(reasons.items())
    ]
