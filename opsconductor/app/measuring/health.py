"""What the state of the daemon says of measured values."""

from collections.abc import Mapping

from opsconductor.app.status.health import Health
from opsconductor.series.external.store import ExternalFacts
from opsconductor.series.series_store import SeriesStore


def with_series(health: Health, series: SeriesStore) -> Health:
    """Return the daemon's health with that of its series: `degraded` while these cannot be written."""

    def extended() -> Mapping[str, object]:
        known, facts = health(), series.facts()
        outside = facts.external
        is_failing = bool(facts.error or (outside is not None and outside.error))
        is_worse = is_failing and known["status"] == "ok"
        return {
            **known,
            "status": "degraded" if is_worse else known["status"],
            "series": {
                "series": facts.series,
                "waiting": facts.waiting,
                "points": dict(facts.outcomes),
                "error": facts.error or None,
                "external": None if outside is None else external_health(outside),
            },
        }

    return extended


def external_health(facts: ExternalFacts) -> Mapping[str, object]:
    """Return what the state of the daemon says of writing to the external store."""
    return {"waiting": facts.waiting, "points": dict(facts.outcomes), "error": facts.error or None}
