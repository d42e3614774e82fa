"""Findings on series of measured values; pure."""

from opsconductor.selfcheck.doctor.finding import DoctorFinding, bad, ok, warning
from opsconductor.series.external.store import ExternalFacts
from opsconductor.series.series_store import SeriesFacts

AREA = "series"


def judge_series(facts: SeriesFacts) -> list[DoctorFinding]:
    """Return findings on the series of measured values."""
    findings = []
    if facts.error:
        text = f"measured values cannot be written, {facts.waiting:,} wait: {facts.error}"
        findings.append(bad(AREA, text, "bring the database back; what waits is written then"))
    for what, failure in facts.failures.items():
        text = f"{what} fails, and is tried again: {failure}"
        findings.append(bad(AREA, text, "the log has the traceback: report it; values are kept meanwhile"))
    if dropped := facts.outcomes.get("dropped", 0):
        text = f"{dropped:,} values were dropped since the start: too many waited"
        findings.append(warning(AREA, text, "look at the database's load, or raise series.queue_points"))
    for source, amount in facts.limited.items():
        text = f"{source} has too many series: {amount:,} values were refused in the last hour"
        remedy = "opsconductor series list; correct the source, or raise series.most_series_per_source"
        findings.append(warning(AREA, text, remedy))
    if facts.external is not None:
        findings.extend(judge_external(facts.external))
    if not findings:
        stored = facts.outcomes.get("stored", 0)
        findings.append(ok(AREA, f"{facts.series:,} series, {stored:,} values stored since the start"))
    return findings


def judge_external(facts: ExternalFacts) -> list[DoctorFinding]:
    """Return findings on writing to the external store."""
    findings = []
    if facts.error:
        text = f"the external store does not take values, {facts.waiting:,} wait: {facts.error}"
        remedy = (
            "bring it back, or correct series.external; for Prometheus --web.enable-remote-write-receiver"
        )
        findings.append(bad(AREA, text, remedy))
    refused, dropped = facts.outcomes.get("refused", 0), facts.outcomes.get("dropped", 0)
    if refused:
        text = f"the external store refused {refused:,} values since the start; they are not sent again"
        findings.append(warning(AREA, text, "look at its log for the reason; nothing is missing here"))
    if dropped:
        text = f"{dropped:,} values for the external store were dropped since the start: too many waited"
        findings.append(warning(AREA, text, "bring it back sooner, or raise series.external.queue_points"))
    return findings
