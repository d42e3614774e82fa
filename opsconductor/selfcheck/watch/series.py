"""Alerts about measured values that are not stored."""

from collections.abc import Iterator

from opsconductor.model.enums import Severity
from opsconductor.model.text import without_placeholders
from opsconductor.selfcheck.watch.trouble import Trouble
from opsconductor.series.series_store import SeriesFacts

MOST_WAITING = 50_000
"""Points that wait; half a minute of 100,000 series a minute."""


def troubles_of_series(facts: SeriesFacts) -> Iterator[Trouble]:
    """Yield what is wrong with the series of measured values."""
    if facts.error and facts.waiting > MOST_WAITING:
        dropped = facts.outcomes.get("dropped", 0)
        yield Trouble(
            alert_type="application_values_waiting",
            severity=Severity.MAJOR,
            title="Measured Values Cannot Be Written - {device_name}",
            message=f"{facts.waiting:,} values wait in memory, {dropped:,} were dropped since the start "
            f"because there was no room (series.queue_points): {without_placeholders(facts.error)}.",
        )
    for what, failure in facts.failures.items():
        yield Trouble(
            alert_type="application_series_failing",
            severity=Severity.MAJOR,
            title=f"Work on Measured Values Fails - {what}",
            message=f"{what.capitalize()} fails, and is tried again: {without_placeholders(failure)}. "
            "The log has the traceback. Values are written and kept meanwhile; what is older than today "
            "may be missing in aggregates.",
            resource=f"work={what}",
        )
    for source, amount in facts.limited.items():
        yield Trouble(
            alert_type="application_series_limited",
            severity=Severity.WARNING,
            title=f"Too Many Series - {without_placeholders(source)}",
            message=f"{amount:,} values of {source} were refused in the last hour, because it has as many "
            "series as series.most_series_per_source or series.most_series allows. Mostly something that "
            "changes all the time has become part of the resource: opsconductor series list shows it. "
            "Correct the source and delete its series, or raise the bound.",
            resource=f"source={without_placeholders(source)}",
        )
