"""The agenda of the engine: a step that asks no part does the same as one that asks all of them."""

from datetime import datetime

import pytest

from opsconductor.engine.agenda import Agenda
from opsconductor.engine.clock import BEGINNING
from opsconductor.engine.engine import Engine
from opsconductor.engine.step import EngineStep
from tests.simulation.world import World
from tests.support.engine.pipeline_scene import Scene, seconds

EDGE, CORE = "10.0.0.2", "10.0.0.1"


class FullAgenda(Agenda):
    """An agenda on which something is always due, so that every step asks all parts."""

    def __getattribute__(self, name: str) -> object:
        """Return the past as the earliest time."""
        return BEGINNING if name == "due_at" else super().__getattribute__(name)


class AskedEngine(Engine):
    """An engine that asks all parts when the next step is due, so that worlds live at the same times."""

    def next_due(self) -> datetime | None:
        """Return the earliest time of all parts."""
        return self._state.next_due()


class AskedWorld(World):
    """A world that does not rely on the agenda for the times at which it lives.

    Attributes:
        is_full: Whether something is always due in its engine.
    """

    is_full = False

    def _engine(self) -> Engine:
        engine = super()._engine()
        engine.__class__ = AskedEngine
        if self.is_full:
            engine._state.agenda = FullAgenda()
        return engine


class FullWorld(AskedWorld):
    """A world whose engine asks all parts in every step."""

    is_full = True


@pytest.mark.parametrize("seed", [0, 2, 3, 4, 6, 7, 10, 11, 13, 15])  # in most of them half of the steps
def test_a_step_that_asks_no_part_misses_nothing(seed: int) -> None:
    """Rows, messages and documents are the same whether an engine asks its parts in every step or not."""
    world, full = AskedWorld(seed, has_people=bool(seed % 2)), FullWorld(seed, has_people=bool(seed % 2))
    for _ in range(60):
        world.happen()
        full.happen()
        assert world.database.alerts == full.database.alerts
        assert world.database.history == full.database.history
        assert world.database.outbox == full.database.outbox
        assert world.database.documents == full.database.documents


def test_a_report_asks_no_part_while_nothing_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a repeat nor a new alert does, until a timer is due."""
    scene = Scene()
    scene.problem(EDGE, expires_after=seconds(600))
    asked: list[EngineStep] = []
    monkeypatch.setattr("opsconductor.engine.engine.elapse", asked.append)
    scene.wait(10)
    scene.problem(EDGE, expires_after=seconds(600))
    scene.problem(CORE)
    assert scene.alert(EDGE).occurrence_count == 2
    assert not asked
    scene.wait(600)
    assert asked
