"""Overall state of the daemon."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version

from opsconductor import metrics
from opsconductor.app.configuring.runtime import Runtime
from opsconductor.app.connectors.status import StatusKeeper
from opsconductor.app.status.lag import LoopLag
from opsconductor.app.stores import Stores
from opsconductor.model.enums import ConnectorStatus, Status
from opsconductor.pipeline.intake import Intake
from opsconductor.pipeline.loop import PipelineLoop
from opsconductor.selfcheck.watch.trouble import SpoolFacts

MOST_FAULTS = 50
"""Maximum number of configuration faults listed; the others show up after these are corrected."""

Health = Callable[[], Mapping[str, object]]
"""Returns the state of the daemon, JSON-ready."""


def health_of(
    live: Runtime, worker: PipelineLoop, *, intake: Intake, stores: Stores, status: StatusKeeper, lag: LoopLag
) -> Health:
    """Return the function that reports the daemon's health.

    `failing` while changes cannot be stored or the engine keeps failing, so that nothing is acknowledged;
    `degraded` while the spool replaces the database, a connector is down or degraded itself, notifications
    were given up, a rule can reach no one, or the configuration has faults; else `ok`.
    """
    started_at = datetime.now(UTC)

    def health() -> Mapping[str, object]:
        connectors = {
            name: {"status": str(state), "error": error} for name, (state, error) in status.now().items()
        }
        not_well = (ConnectorStatus.ERROR, ConnectorStatus.DEGRADED)
        is_any_down = any(state in not_well for state, _ in status.now().values())
        is_faulty = bool(live.all_faults)
        unreached = worker.stages.engine.router.unreached
        is_silent = bool(stores.undelivered.rows or unreached)
        is_degraded = is_any_down or is_faulty or stores.is_away or is_silent
        spool = stores.spool_facts()
        is_failing = bool(spool.refusal or worker.failure)
        return {
            "status": "failing" if is_failing else "degraded" if is_degraded else "ok",
            "version": version("opsconductor"),
            "started_at": started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "database": stores.database.status().state,
            "engine": {"status": "failing" if worker.failure else "ok", "error": worker.failure or None},
            "spool": spool_of(spool),
            "intake_waiting": len(intake),
            "event_loop_longest_block_ms": round(lag.longest_s * 1_000, 1),
            "alerts_open": count_open(worker),
            "connectors": connectors,
            "configuration": {
                "faults": [asdict(fault) for fault in live.faults[:MOST_FAULTS]],
                "faults_in_all": len(live.faults),
                "error": live.error,
            },
            "undelivered": {each.channel: each.amount for each in stores.undelivered.rows},
            "unreached_rules": list(unreached),
        }

    return health


def spool_of(facts: SpoolFacts) -> dict[str, object]:
    """Return the backlog of the spool."""
    age_s = round(facts.age.total_seconds(), 1)
    error = facts.refusal or None
    return {"entries": facts.entries, "bytes": facts.bytes, "oldest_age_s": age_s, "error": error}


def count_open(worker: PipelineLoop) -> dict[str, int]:
    """Count the open alerts by status, and update the metrics."""
    counts = worker.stages.engine.statuses
    by_status = {str(status): counts.get(status, 0) for status in Status if status.is_open}
    for status, amount in by_status.items():
        metrics.alerts_open.labels(status).set(amount)
    return by_status
