"""Alerts on the worker of rules and detector: late, or failing again and again; pure."""

from collections.abc import Iterator

from opsconductor.app.detecting.progress import DetectorFacts
from opsconductor.model.enums import Severity
from opsconductor.model.text import without_placeholders
from opsconductor.selfcheck.watch.trouble import Trouble


def troubles_of_detector(facts: DetectorFacts) -> Iterator[Trouble]:
    """Yield what is wrong with the worker."""
    if facts.is_late:
        cause = f" It waits because: {without_placeholders(facts.stuck)}." if facts.stuck else ""
        yield Trouble(
            alert_type="application_detector_late",
            severity=Severity.MAJOR,
            title="Measured Values Are Judged Late - {device_name}",
            message=f"{facts.waiting:,} batches of measured values wait for rules and detector, the oldest "
            f"for {facts.lag_s / 60:,.0f} minutes: alerts about them come late.{cause} "
            "opsconductor doctor names the remedy.",
        )
    if facts.fails_often:
        yield Trouble(
            alert_type="application_detector_failing",
            severity=Severity.MAJOR,
            title="Detector Keeps Failing - {device_name}",
            message=f"Rules and detector failed {facts.failed_lately:,} times in the last hour, the latest "
            f"with: {without_placeholders(facts.failure)}. The values of a batch that failed are stored, but "
            "not all of them were judged. The log has the traceback: report it.",
        )
    if facts.checkpoint_error:
        yield Trouble(
            alert_type="application_detector_checkpoint",
            severity=Severity.WARNING,
            title="Detector Cannot Store Its State - {device_name}",
            message="The checkpoint of rules and detector cannot be written: "
            f"{without_placeholders(facts.checkpoint_error)}. A restart continues from the last one. "
            "Free space in the data directory, or correct its rights.",
        )
