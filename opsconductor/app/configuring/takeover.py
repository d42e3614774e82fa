"""Change of mappings, inventory, rules and maintenance windows between two batches."""

import asyncio
from dataclasses import replace
from datetime import datetime

from opsconductor.app.configuring.loading import Configuration
from opsconductor.app.configuring.runtime import Runtime
from opsconductor.engine.engine import Engine
from opsconductor.engine.routing.router import Router
from opsconductor.model.changes import Changes
from opsconductor.pipeline.loop import PipelineLoop


async def take_on(configuration: Configuration, live: Runtime, worker: PipelineLoop) -> None:
    """Use another configuration from the next batch on; the caller holds `live.changing`.

    When neither inventory nor rules, people, channels or maintenance windows have changed, the engine is left
    alone. Changed rules are compiled in a thread.
    """
    known = live.configuration
    is_same = configuration.rules is known.rules and configuration.directory is known.directory
    compiled = None if is_same else await asyncio.to_thread(configuration.router)
    present = live.replace_configuration(configuration)
    is_other = configuration.policies != present.policies
    if is_other or compiled is not None or configuration.inventory is not worker.stages.inventory:
        await _reconfigure(configuration, compiled, live, worker)
    if configuration.windows is not present.windows:
        windows = configuration.windows
        await worker.ask(lambda engine, now: engine.maintain(windows, now))


async def _reconfigure(
    configuration: Configuration, compiled: Router | None, live: Runtime, worker: PipelineLoop
) -> None:
    """Change engine and identification in one step: no batch may see one old and one new."""
    policies = configuration.policies
    settings, inventory = live.settings.engine, configuration.inventory

    def step(engine: Engine, now: datetime) -> Changes:
        engine.combine(policies)
        changes = engine.reconfigure(settings, inventory, compiled or engine.router, now)
        worker.replace_stages(replace(worker.stages, inventory=inventory))
        return changes

    await worker.ask(step)
