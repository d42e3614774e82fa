"""Takes on a new configuration while traffic goes on.

Everything that can fail (files, database, secrets) happens before anything live is touched; then the
engine, the mappings and the connectors change between two batches.
"""

import asyncio
import logging

from opsconductor import systemd
from opsconductor.app.configuration import read_configuration, with_same_parts
from opsconductor.app.connectors import LiveConnectors
from opsconductor.app.live import Live, declare, read_plans
from opsconductor.app.status import StatusKeeper
from opsconductor.app.takeover import take_on
from opsconductor.errors import SecretError, StoreError
from opsconductor.pipeline.worker import Worker

log = logging.getLogger(__name__)


async def reload(live: Live, worker: Worker, connectors: LiveConnectors, status: StatusKeeper) -> None:
    """Apply the provisioning files and take on what the database then says; a fault changes nothing."""
    systemd.reloading()
    log.info("reloading")
    try:
        if await declare(live.pool, live.settings):
            async with live.changing:
                read = await read_configuration(live.pool, live.settings.canary)
                configuration = await asyncio.to_thread(with_same_parts, read, live.configuration)
                plans = await read_plans(live, configuration, status.report_of)
                await take_on(configuration, live, worker)
            await connectors.change_to(plans)
            status.keep_only(configuration.connectors)
            log.info("reloaded")
    except (StoreError, SecretError) as error:
        log.error("reload changes nothing", extra={"error": str(error)})
    systemd.ready("Taking alerts")
