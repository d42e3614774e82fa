"""Measured values in the state of the daemon."""

from collections.abc import Callable, Mapping
from datetime import datetime

from opsconductor.app.detecting.progress import DetectorFacts
from opsconductor.app.status.health import Health
from opsconductor.series.external.store import ExternalFacts
from opsconductor.series.series_store import SeriesFacts


def with_measurements(
    health: Health, series: Callable[[], SeriesFacts], detector: Callable[[], DetectorFacts]
) -> Health:
    """Return the daemon's health with that of series and detector; `degraded` while one does not work."""

    def extended() -> Mapping[str, object]:
        known, facts, worker = health(), series(), detector()
        outside = facts.external
        fails_outside = outside is not None and bool(outside.error)
        is_failing = bool(facts.error or facts.failures) or fails_outside or not worker.is_well
        is_worse = is_failing and known["status"] == "ok"
        return {
            **known,
            "status": "degraded" if is_worse else known["status"],
            "series": {
                "series": facts.series,
                "waiting": facts.waiting,
                "points": dict(facts.outcomes),
                "error": facts.error or None,
                "failures": dict(facts.failures),
                "external": None if outside is None else external_health(outside),
            },
            "detector": detector_health(worker),
        }

    return extended


def external_health(facts: ExternalFacts) -> Mapping[str, object]:
    """Return the entry on the external store in the state of the daemon."""
    return {"waiting": facts.waiting, "points": dict(facts.outcomes), "error": facts.error or None}


def detector_health(facts: DetectorFacts) -> Mapping[str, object]:
    """Return the entry on the worker of rules and detector in the state of the daemon."""
    return {
        "series": facts.series,
        "waiting_batches": facts.waiting,
        "lag_s": round(facts.lag_s, 1),
        "batch_at": _time(facts.batch_at),
        "checkpoint_at": _time(facts.checkpoint_at),
        "checkpoint_error": facts.checkpoint_error or None,
        "stuck": facts.stuck or None,
        "failures": facts.failures,
        "failures_last_hour": facts.failed_lately,
        "failure": facts.failure or None,
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
