"""Composition of a report's document from its facts; pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from opsconductor.reports.availability import Availability, availabilities
from opsconductor.reports.document import Bars, Figure, ReportColumn, ReportDocument, ReportPart
from opsconductor.reports.facts import AlertFact, AnomalySums, ReportFacts
from opsconductor.reports.measured import measured_part
from opsconductor.reports.period import days_of
from opsconductor.reports.recommendations import recommendations
from opsconductor.reports.words import DASH, amount_text, length_text, percent_text, quantile, share_text

SEVERITIES = ("critical", "major", "minor", "warning", "info")
MOST_TYPES = 15
MOST_NOISY = 15
MOST_DEVICES = 500
NO_ALERT = "No alert began in this period."
"""Devices in the table of availability, the worst; the document says how many there are besides."""


def compose(facts: ReportFacts, made_at: datetime) -> ReportDocument:
    """Return the document of a report."""
    begun = [alert for alert in facts.alerts if facts.period.begin <= alert.occurred_at < facts.period.end]
    available = list(availabilities(facts))
    advice = recommendations(facts, available)
    return ReportDocument(
        title=f"{facts.period.type.value.capitalize()} report",
        period=facts.period.text(),
        scope=facts.scope,
        made_at=made_at,
        zone=facts.period.zone,
        parts=(
            _summary(facts, begun, available),
            ReportPart(
                title="Recommendations",
                note="" if advice else "Nothing stands out in this period.",
                recommended=advice,
            ),
            _availability(available),
            *measured_part(facts.devices, facts.measured),
            _severities(facts, begun),
            _reaction(begun),
            _types(begun),
            _noisiest(begun),
            _anomalies(facts.anomalies),
        ),
    )


def _summary(facts: ReportFacts, begun: Sequence[AlertFact], available: Sequence[Availability]) -> ReportPart:
    counted = [each.percent for each in available if each.percent is not None]
    saved = sum(each.is_consequence and not each.is_notified for each in begun)
    notified = sum(each.is_notified for each in begun)
    mean = sum(counted) / len(counted) if counted else None
    return ReportPart(
        title="Summary",
        figures=(
            Figure(
                label="Availability",
                value=percent_text(mean),
                hint=f"mean of {amount_text(len(counted), 'device')}",
            ),
            Figure(
                label="Alerts", value=f"{len(begun):,}", hint=f"on {amount_text(_devices(begun), 'device')}"
            ),
            Figure(label="Notified", value=f"{notified:,}", hint=f"{facts.sent:,} messages"),
            Figure(label="Pages saved", value=f"{saved:,}", hint="consequences of a cause"),
        ),
    )


def _availability(available: Sequence[Availability]) -> ReportPart:
    note = (
        "A device counts as down while an alert says that it cannot be reached. Maintenance is taken out. "
        "Unknown is the time before the device was known, while the way to it was cut, or while OpsConductor "
        "did not run; it is taken out as well."
    )
    perfect = [each for each in available if each.percent is not None and not each.down]
    shown = [each for each in available if each.down or each.percent is None or each.maintenance]
    if perfect:
        note += f" {len(perfect):,} of {len(available):,} devices were never down."
    if not available:
        note = "There are no devices in the inventory, so availability is not known."
    return ReportPart(
        title="Availability",
        note=note,
        columns=(
            ReportColumn(title="Device", share=26),
            ReportColumn(title="Site", share=16),
            ReportColumn(title="Available", share=14, is_number=True),
            ReportColumn(title="Outages", share=10, is_number=True),
            ReportColumn(title="Down", share=12, is_number=True),
            ReportColumn(title="Maintenance", share=13, is_number=True),
            ReportColumn(title="Unknown", share=12, is_number=True),
        ),
        rows=tuple(
            (
                each.name,
                each.site,
                percent_text(each.percent),
                f"{each.outages}",
                *(length_text(part) for part in (each.down, each.maintenance, each.unknown)),
            )
            for each in shown[:MOST_DEVICES]
        ),
    )


def _severities(facts: ReportFacts, begun: Sequence[AlertFact]) -> ReportPart:
    amounts = Counter(each.severity for each in begun)
    days = days_of(facts.period)
    by_day: Counter[tuple[int, str]] = Counter()
    for alert in begun:
        day = next((n for n, each in enumerate(days) if each.begin <= alert.occurred_at < each.end), 0)
        by_day[day, alert.severity] += 1
    names = tuple(each.text() for each in days)
    return ReportPart(
        title="Alerts by severity",
        bars=Bars(
            names=names if len(days) > 1 else SEVERITIES,
            values=tuple(tuple(float(by_day[n, s]) for s in SEVERITIES) for n in range(len(days)))
            if len(days) > 1
            else tuple((float(amounts[severity]),) for severity in SEVERITIES),
            parts=SEVERITIES if len(days) > 1 else (),
            is_over_time=len(days) > 1,
        )
        if begun
        else None,
        columns=(
            ReportColumn(title="Severity", share=20),
            *(
                ReportColumn(title=title, share=16, is_number=True)
                for title in ("Alerts", "Share", "Notified", "Open")
            ),
        ),
        rows=tuple(
            (
                severity,
                f"{amounts[severity]:,}",
                share_text(amounts[severity], len(begun)),
                f"{sum(each.is_notified for each in begun if each.severity == severity):,}",
                f"{sum(each.closed_at is None for each in begun if each.severity == severity):,}",
            )
            for severity in SEVERITIES
        ),
    )


def _reaction(begun: Sequence[AlertFact]) -> ReportPart:
    rows = []
    for name, severities in (("all", SEVERITIES), *((each, (each,)) for each in SEVERITIES)):
        chosen = [each for each in begun if each.severity in severities]
        took = [each.acknowledged_at - each.occurred_at for each in chosen if each.acknowledged_at]
        over = [each.resolved_at - each.occurred_at for each in chosen if each.resolved_at]
        if chosen:
            rows.append((name, *_lengths(took), *_lengths(over)))
    return ReportPart(
        title="Time to acknowledge and to resolve",
        note="Half of the alerts were faster than the median, nine of ten faster than p90."
        if rows
        else NO_ALERT,
        columns=(
            ReportColumn(title="Severity", share=16),
            ReportColumn(title="Acknowledged", share=16, is_number=True),
            ReportColumn(title="Median", share=14, is_number=True),
            ReportColumn(title="p90", share=14, is_number=True),
            ReportColumn(title="Resolved", share=14, is_number=True),
            ReportColumn(title="Median", share=14, is_number=True),
            ReportColumn(title="p90", share=14, is_number=True),
        ),
        rows=tuple(rows),
    )


def _lengths(lengths: Sequence[timedelta]) -> tuple[str, str, str]:
    if not lengths:
        return "0", DASH, DASH
    return f"{len(lengths):,}", length_text(quantile(lengths, 0.5)), length_text(quantile(lengths, 0.9))


def _types(begun: Sequence[AlertFact]) -> ReportPart:
    amounts = Counter(each.alert_type for each in begun)
    devices = {name: _devices(each for each in begun if each.alert_type == name) for name in amounts}
    return ReportPart(
        title="Alerts by type",
        note="" if begun else NO_ALERT,
        columns=(
            ReportColumn(title="Type", share=40),
            ReportColumn(title="Alerts", share=12, is_number=True),
            ReportColumn(title="Share", share=12, is_number=True),
            ReportColumn(title="Devices", share=12, is_number=True),
        ),
        rows=tuple(
            (name, f"{amount:,}", share_text(amount, len(begun)), f"{devices[name]:,}")
            for name, amount in amounts.most_common(MOST_TYPES)
        ),
    )


def _noisiest(begun: Sequence[AlertFact]) -> ReportPart:
    amounts = Counter(each.device_name or each.device for each in begun).most_common(MOST_NOISY)
    return ReportPart(
        title="Noisiest devices",
        note="" if begun else NO_ALERT,
        bars=Bars(
            names=tuple(name for name, _ in amounts), values=tuple((float(amount),) for _, amount in amounts)
        )
        if amounts
        else None,
    )


def _anomalies(sums: AnomalySums | None) -> ReportPart:
    if sums is None:
        return ReportPart(title="Anomalies", note="No anomaly of measured values began in this period.")
    judged = sums.confirmed + sums.false_positives
    return ReportPart(
        title="Anomalies",
        figures=(
            Figure(label="Found", value=f"{sums.total:,}"),
            Figure(label="Alerted", value=f"{sums.alerted:,}"),
            Figure(label="Confirmed", value=f"{sums.confirmed:,}", hint=f"of {judged:,} judged"),
            Figure(label="False alarms", value=f"{sums.false_positives:,}"),
        ),
        columns=(
            ReportColumn(title="Device", share=60),
            ReportColumn(title="Anomalies", share=20, is_number=True),
        )
        if sums.devices
        else (),
        rows=tuple((name, f"{amount:,}") for name, amount in sums.devices),
    )


def _devices(alerts: Iterable[AlertFact]) -> int:
    return len({each.device for each in alerts})
