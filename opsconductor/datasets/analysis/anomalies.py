"""Runs of anomalous rows, as the list of anomalies shows them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from opsconductor.datasets.analysis.outcome import ExplainedFeature, ExplainedRow, RowLevel, severity_of

MOST_ANOMALIES = 100
"""Runs of one analysis that become anomalies: the farthest; the others are among its rows."""
LONGEST_GAP = 5
"""Rows between two anomalous ones of the same run."""


def rows_as_anomalies(listed: Sequence[ExplainedRow]) -> list[Mapping[str, Any]]:
    """Return runs of anomalous rows that the same feature explains, the farthest first, JSON-ready.

    Args:
        listed: Explained rows, in any order.
    """
    runs: list[list[ExplainedRow]] = []
    for row in sorted(listed, key=lambda each: each.row):
        if row.level is not RowLevel.ANOMALOUS:
            continue
        if runs and _goes_on(runs[-1], row):
            runs[-1].append(row)
        else:
            runs.append([row])
    runs.sort(key=lambda run: -max(row.distance for row in run))
    return [_anomaly(run) for run in runs[:MOST_ANOMALIES]]


def _goes_on(run: Sequence[ExplainedRow], row: ExplainedRow) -> bool:
    """Return True if a row belongs to a run: near, in the same file, by the same feature."""
    last = run[-1]
    leads = {each.features[0].name for each in run if each.features}
    return (
        row.row - last.row <= LONGEST_GAP + 1
        and row.file == last.file
        and (not leads or bool(leads & {feature.name for feature in row.features}))
    )


def _anomaly(run: Sequence[ExplainedRow]) -> dict[str, Any]:
    farthest = max(run, key=lambda row: row.distance)
    lead = farthest.features[0] if farthest.features else None
    severity = severity_of(farthest.distance)
    return {
        "first_row": run[0].row,
        "last_row": run[-1].row,
        "rows": len(run),
        "resource": _rows(run),
        "metric": lead.name if lead else "",
        "direction": "" if lead is None else "up" if lead.shift > 0 else "down",
        "severity": severity,
        "channel": farthest.statistic.lower(),
        "distance": farthest.distance,
        "threshold": farthest.threshold,
        "value": lead.value if lead else None,
        "expected": lead.expected if lead else None,
        "features": {feature.name: feature.document() for feature in farthest.features},
        "explanation": {
            "title": f"{lead.name if lead else 'values'} out of the ordinary in {_rows(run)}",
            "sentences": list(_sentences(run, farthest)),
        },
        "calculated_metrics": {
            "row": farthest.row,
            "file": farthest.file,
            "line": farthest.line,
            "occurred_at": _time(run[0]),
            "until": _time(run[-1]),
            "t2": farthest.t2,
            "spe": farthest.spe,
            "rows": len(run),
        },
    }


def _rows(run: Sequence[ExplainedRow]) -> str:
    first, last = run[0].row, run[-1].row
    return f"row {first:,}" if first == last else f"rows {first:,} to {last:,}"


def _sentences(run: Sequence[ExplainedRow], farthest: ExplainedRow) -> list[str]:
    amount = len(run)
    at = _time(run[0])
    found = [
        f"{_rows(run).capitalize()} of {run[0].file} (from line {run[0].line:,}) "
        f"{'is' if amount == 1 else 'are'} unlike the baseline" + (f", from {at}." if at else ".")
    ]
    value = farthest.t2 if farthest.statistic == "T2" else farthest.spe
    meaning = (
        "far from the baseline as a whole"
        if farthest.statistic == "T2"
        else "its values do not go together as in the baseline"
    )
    subject = "It" if amount == 1 else f"The farthest is row {farthest.row:,}: it"
    found.append(
        f"{subject} is {farthest.distance:.1f} limits away: "
        f"{farthest.statistic} {value:.4g}, limit {farthest.threshold:.4g} ({meaning})."
    )
    return found + [_sentence(feature) for feature in farthest.features]


def _sentence(feature: ExplainedFeature) -> str:
    value = "no value" if feature.value is None else f"{feature.value:g}"
    if feature.expected is None:
        return f"{feature.name} is {value}."
    share = (
        f" ({100 * feature.share:.0f} % of the distance)" if feature.share else ", as always in the baseline"
    )
    return f"{feature.name} is {value}; {feature.expected:g} was expected{share}."


def _time(row: ExplainedRow) -> str | None:
    return None if row.at is None else datetime.fromtimestamp(row.at, UTC).isoformat()
