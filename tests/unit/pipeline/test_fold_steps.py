"""A batch is folded in steps of a bounded size, with the same result as in one."""

from collections.abc import Sequence
from datetime import datetime

from opsconductor.config.settings import EngineSettings
from opsconductor.engine.engine import Engine
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.changes import Changes
from opsconductor.model.identified import IdentifiedReport
from opsconductor.pipeline.batch import fold
from opsconductor.pipeline.in_flight import InFlight
from opsconductor.pipeline.slicing import FOLDED, CooperativeYield
from tests.support.engine.pipeline_scene import START, report, seconds

NO_DEVICES = InventorySnapshot((), ())
MANY = 5 * FOLDED + 1


class Counted(Engine):
    """An engine that counts the changes of each step."""

    changed: list[int]

    def apply(self, events: Sequence[IdentifiedReport], now: datetime, *, most: int | None = None) -> Changes:
        """Fold reports as the engine does."""
        changes = super().apply(events, now, most=most)
        self.changed.append(len(changes.created) + len(changes.updated))
        return changes


def of_devices(severity: str, at: datetime, *, times: int = 1) -> list[IdentifiedReport]:
    """Report the same problem of many devices."""
    numbers = [number for number in range(MANY) for _ in range(times)]
    addresses = (f"10.0.{number >> 8}.{number & 255}" for number in numbers)
    return identify(
        [report(address, "network_unreachable", severity, at=at) for address in addresses], NO_DEVICES
    )


async def test_problems_and_clears_are_folded_in_steps_of_a_bounded_size() -> None:
    """However many reports a batch has, whether they open or close alerts."""
    engine = Counted(EngineSettings(), NO_DEVICES, ())
    for severity, at in (("major", START), ("clear", START + seconds(60))):
        engine.changed = []
        changes = await fold(of_devices(severity, at), engine, at, CooperativeYield(), in_flight=InFlight())
        assert max(engine.changed) <= FOLDED
        assert len(changes.created) + len(changes.updated) == MANY == changes.folded


async def test_repeats_are_folded_in_one_step() -> None:
    """They are counted first and written once for each alert."""
    engine = Counted(EngineSettings(), NO_DEVICES, ())
    engine.changed = []
    await fold(of_devices("major", START), engine, START, CooperativeYield(), in_flight=InFlight())
    steps = len(engine.changed)
    changes = await fold(
        of_devices("major", START, times=5), engine, START, CooperativeYield(), in_flight=InFlight()
    )
    assert len(engine.changed) == steps + 1
    assert (len(changes.repeated), changes.folded) == (MANY, 5 * MANY)


async def test_a_batch_without_reports_is_a_step_as_well() -> None:
    """Due timers fire all the same."""
    engine = Counted(EngineSettings(), NO_DEVICES, ())
    engine.changed = []
    assert (await fold([], engine, START, CooperativeYield(), in_flight=InFlight())).is_empty
    assert engine.changed == [0]
