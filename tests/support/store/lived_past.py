"""A past in the database: archive, alerts, history and notifications, as a daemon would have written them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from opsconductor.app.configuring.loading import read_configuration
from opsconductor.app.configuring.rehearsal import build_sources
from opsconductor.config.sections.watch import CanarySettings
from opsconductor.config.settings import EngineSettings
from opsconductor.engine.engine import Engine
from opsconductor.model.changes import Changes, joined_changes
from opsconductor.model.event import ArchivedEvent
from opsconductor.replay.replay import PastCommand, Replay
from opsconductor.store.commit.commit import commit
from opsconductor.store.postgres.connection import Pool


async def live_through(
    pool: Pool, parts: Iterable[Sequence[ArchivedEvent]], folder: Path, commands: Sequence[PastCommand] = ()
) -> None:
    """Store events with everything that the configuration of the database makes of them."""
    configuration = await read_configuration(pool, CanarySettings())
    sources, _ = build_sources(configuration, folder)
    engine = Engine(EngineSettings(), configuration.inventory, configuration.rules)
    steps: list[Changes] = []
    replay: Replay | None = None
    for events in parts:
        if replay is None:
            begin = events[0].received_at
            replay = Replay(sources, configuration.inventory, engine, begin, note=steps.append)
        replay.play(events, commands)
        commands = ()
        await commit(pool, joined_changes((*steps, Changes(archive=tuple(events)))))
        steps.clear()
    if replay is not None and (due := engine.next_due()) is not None:
        replay.pass_time(due)
        await commit(pool, joined_changes(steps))
