"""Change to a new configuration without interrupting traffic.

Everything that can fail (files, database, secrets) happens before anything live is touched; then the
engine, the mappings and the connectors change between two batches.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from opsconductor import systemd
from opsconductor.app.configuring.loading import read_by_settings, with_same_parts
from opsconductor.app.configuring.runtime import Runtime, declare, read_plans
from opsconductor.app.configuring.takeover import take_on
from opsconductor.app.connectors.running import RunningConnectors
from opsconductor.app.connectors.status import StatusKeeper
from opsconductor.errors import ConfigError, Fault, SecretError, StoreError
from opsconductor.model.enums import ConnectorStatus
from opsconductor.pipeline.loop import PipelineLoop

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """Outcome of a reload.

    Attributes:
        faults: Of provisioning files or mapping packs; if there are any, nothing was changed.
        error: Why nothing was changed although the files have no faults (database, vault); empty: it was.
        failed: Reason by name of the connectors that this reload has started and that do not work.
    """

    faults: Sequence[Fault] = ()
    error: str = ""
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """True if all of the configuration is in force and works."""
        return not (self.faults or self.error or self.failed)

    def document(self) -> Mapping[str, object]:
        """Return the outcome JSON-ready."""
        faults = [asdict(fault) for fault in self.faults]
        return {"ok": self.is_good, "faults": faults, "error": self.error, "failed": dict(self.failed)}


async def reload(
    live: Runtime, worker: PipelineLoop, connectors: RunningConnectors, status: StatusKeeper
) -> Reloaded:
    """Apply the provisioning files and use the resulting configuration; on a fault nothing is changed.

    Why the files are not applied stays in `live.faults` and `live.reload_error` until the next reload.
    """
    systemd.reloading()
    log.info("reloading")
    async with live.reloading:
        outcome = await _apply_files(live)
        if outcome.is_good:
            outcome = await _take_on_stored(live, worker, connectors, status)
    systemd.ready(live.status_line)
    return outcome


async def _apply_files(live: Runtime) -> Reloaded:
    try:
        faults, error = await declare(live.pool, live.settings), ""
    except (StoreError, SecretError) as fault:
        log.error("reload changes nothing", extra={"error": str(fault)})
        faults, error = (), str(fault)
    live.note_files(faults, error)
    return Reloaded(faults=faults, error=error)


async def put_in_force(
    live: Runtime, worker: PipelineLoop, connectors: RunningConnectors, status: StatusKeeper
) -> Reloaded:
    """Use the configuration in the database, in which something has changed; files are not read."""
    async with live.reloading:
        outcome = await _take_on_stored(live, worker, connectors, status)
    systemd.ready(live.status_line)
    return outcome


async def _take_on_stored(
    live: Runtime, worker: PipelineLoop, connectors: RunningConnectors, status: StatusKeeper
) -> Reloaded:
    """Use what is stored; why that fails stays in `live.stored_error` until it succeeds."""
    try:
        outcome = await _change_over(live, worker, connectors, status)
    except (ConfigError, StoreError, SecretError) as error:
        log.error("what is stored is not in force", extra={"error": str(error)})
        live.note_stored(str(error))
        return Reloaded(faults=error.faults) if isinstance(error, ConfigError) else Reloaded(error=str(error))
    live.note_stored("")
    return outcome


async def _change_over(
    live: Runtime, worker: PipelineLoop, connectors: RunningConnectors, status: StatusKeeper
) -> Reloaded:
    async with live.changing:
        read = await read_by_settings(live.pool, live.settings)
        configuration = await asyncio.to_thread(with_same_parts, read, live.configuration)
        plans = await read_plans(live, configuration, status.report_of)
        await take_on(configuration, live, worker)
    started = await connectors.change_to(plans)
    status.keep_only(configuration.connectors)
    live.rejections.keep_only(configuration.connectors)
    log.info("reloaded")
    return Reloaded(failed=failed_of(started | (configuration.connectors.keys() - plans.keys()), status))


def failed_of(names: Collection[str], status: StatusKeeper) -> Mapping[str, str]:
    """Return the reasons of those connectors among `names` that have the status error."""
    return {
        name: error or "unknown reason"
        for name, (state, error) in status.now().items()
        if name in names and state is ConnectorStatus.ERROR
    }
