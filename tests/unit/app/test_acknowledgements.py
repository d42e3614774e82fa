"""Acknowledgements on their way to the systems that alerts came from."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from opsconductor.app.connectors import acknowledge
from opsconductor.app.connectors.acknowledge import Acknowledgements
from opsconductor.errors import Rejected, Unreachable
from opsconductor.limits import Backoff
from opsconductor.model.alert import Alert
from opsconductor.model.command import Acknowledge, Command, Note, Unacknowledge
from opsconductor.pipeline.loop import PipelineLoop
from tests.support.pipeline_scene import ANNA, Scene, report

SRV = "10.0.0.5"
SENSOR = "application_sensor_alarm"
AT_ONCE = Backoff(first=timedelta(0), longest=timedelta(0))


class Prtg:
    """A source that is told; it answers as the test wants, then well."""

    def __init__(self, *answers: BaseException) -> None:
        self.answers = list(answers)
        self.told: list[tuple[str, str]] = []
        self.heard = asyncio.Event()
        self.waits: asyncio.Event | None = None
        self.busy = self.busiest = 0

    async def acknowledge(self, alert: Alert, by: str, note: str) -> None:
        """Note who says what."""
        assert alert.source_system == "prtg"
        self.told.append((by, note))
        self.heard.set()
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            if self.waits is not None:
                await self.waits.wait()
        finally:
            self.busy -= 1
        if self.answers:
            raise self.answers.pop(0)


class Stage:
    """The real engine, a source, and what passes between them.

    Attributes:
        noted: What was put into the history of alerts.
    """

    def __init__(self, source: object, retry: Backoff = AT_ONCE) -> None:
        self.scene = Scene()
        self.scene.now = datetime.now(UTC)
        self.acknowledgements = Acknowledgements({"prtg": cast("Any", source)}.get, retry)
        self.noted: list[str] = []
        self.note = asyncio.Event()
        self.stages = SimpleNamespace(engine=self.scene.engine)

    async def command(self, command: Command) -> Alert:
        """Stand for the worker."""
        self.scene.order(command)
        assert isinstance(command, Note)
        self.noted.append(command.notes)
        self.note.set()
        return self.scene.alert(SRV, SENSOR)

    def problem(self, resource: str = "", *, by: str | None = None) -> Alert:
        """Let the source report a problem; acknowledged there, if somebody did it."""
        self.scene.now = datetime.now(UTC)
        changes = self.scene.send(
            report(
                SRV, SENSOR, "critical", resource, at=self.scene.now, source_system="prtg", acknowledged_by=by
            )
        )
        self.acknowledgements.hear(changes)
        return self.scene.alert(SRV, SENSOR, resource)

    def order(self, command: Command) -> None:
        """Let an operator do something."""
        self.acknowledgements.hear(self.scene.order(command))

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """Tell sources in the background."""
        task = asyncio.create_task(self.acknowledgements.tell_forever(cast("PipelineLoop", self)))
        await asyncio.sleep(0)
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def settle(self, is_done: Callable[[], bool]) -> None:
        """Let everything that is under way go on until something is so."""
        async with asyncio.timeout(5):
            while not is_done():
                await asyncio.sleep(0)


async def test_an_operators_acknowledgement_is_reported_once_with_name_and_note() -> None:
    """Repeats, other commands and further polls tell nothing."""
    source = Prtg()
    stage = Stage(source)
    async with stage.telling():
        alert = stage.problem()
        stage.order(Acknowledge(alert_id=alert.id, operator=ANNA, notes="on my way"))
        await source.heard.wait()
        stage.order(Note(alert_id=alert.id, operator=ANNA, notes="still"))
        stage.problem(by="api user")
        stage.problem()
        await stage.settle(lambda: not stage.acknowledgements._running)
    assert source.told == [("anna", "on my way")]
    assert stage.noted == []


async def test_what_came_from_the_source_is_never_sent_back() -> None:
    """Neither what it says itself, nor an operator's word on what it knows already."""
    source = Prtg()
    stage = Stage(source)
    async with stage.telling():
        known = stage.problem("sensor=1", by="bob")
        stage.order(Unacknowledge(alert_id=known.id, operator=ANNA))
        stage.order(Acknowledge(alert_id=known.id, operator=ANNA))
        other = stage.problem("sensor=2")
        stage.order(Acknowledge(alert_id=other.id, operator=ANNA, notes="other"))
        await source.heard.wait()
    assert source.told == [("anna", "other")]


async def test_what_cannot_be_reached_is_tried_again() -> None:
    """Also when it does not answer in time; success ends it."""
    source = Prtg(Unreachable("away"), TimeoutError(), Unreachable("away"))
    stage = Stage(source)
    async with stage.telling():
        stage.order(Acknowledge(alert_id=stage.problem().id, operator=ANNA))
        await stage.settle(lambda: len(source.told) == 4 and not stage.acknowledgements._running)
    assert source.told == [("anna", "")] * 4
    assert stage.noted == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [(Rejected("not down"), "not down"), (KeyError("bug"), "KeyError"), (OSError("broken"), "OSError")],
)
async def test_what_is_refused_is_noted_once_in_the_history(answer: Exception, told: str) -> None:
    """And not tried again; a fault in a connector's code ends nothing else."""
    source = Prtg(answer)
    stage = Stage(source)
    async with stage.telling():
        stage.order(Acknowledge(alert_id=stage.problem().id, operator=ANNA))
        await stage.note.wait()
        assert stage.scene.story(stage.scene.alert(SRV, SENSOR)) == ["created", "acknowledged", "noted"]
        stage.order(Acknowledge(alert_id=stage.problem("sensor=2").id, operator=ANNA, notes="next"))
        await stage.settle(lambda: len(source.told) == 2)
    (noted,) = stage.noted
    assert noted.startswith("prtg does not accept the acknowledgement: ")
    assert told in noted


async def test_what_is_given_up_after_a_day_is_noted() -> None:
    """Nobody need believe that it is known there."""
    source = Prtg(Unreachable("away"))
    stage = Stage(source, Backoff(give_up_after=timedelta(0)))
    async with stage.telling():
        stage.order(Acknowledge(alert_id=stage.problem().id, operator=ANNA))
        await stage.note.wait()
    assert stage.noted == ["prtg was not informed of the acknowledgement: away"]


async def test_an_acknowledgement_that_is_taken_back_is_not_told_any_more() -> None:
    """The source is away; when it is back there is nothing to say."""
    source = Prtg(Unreachable("away"), Unreachable("away"))
    stage = Stage(source)
    alert = stage.problem()
    async with stage.telling():
        source.waits = asyncio.Event()
        stage.order(Acknowledge(alert_id=alert.id, operator=ANNA))
        await source.heard.wait()
        stage.order(Unacknowledge(alert_id=alert.id, operator=ANNA))
        source.waits.set()
        await stage.settle(lambda: not stage.acknowledgements._running)
    assert len(source.told) == 1


async def test_the_later_word_on_an_alert_replaces_the_earlier() -> None:
    """Taken back and acknowledged anew while the source hangs: only the new one is told to the end."""
    source = Prtg()
    source.waits = asyncio.Event()
    stage = Stage(source)
    alert = stage.problem()
    async with stage.telling():
        for notes in ("first", "second"):
            source.heard.clear()
            stage.order(Acknowledge(alert_id=alert.id, operator=ANNA, notes=notes))
            await source.heard.wait()
            stage.order(Unacknowledge(alert_id=alert.id, operator=ANNA))
        assert (source.busy, source.told) == (1, [("anna", "first"), ("anna", "second")])


async def test_what_an_earlier_life_did_not_tell_is_reported_after_the_start() -> None:
    """The alert shows who, and that its source does not know yet; a note is not kept with it."""
    source = Prtg()
    stage = Stage(source)
    stage.scene.order(Acknowledge(alert_id=stage.problem().id, operator=ANNA, notes="lost"))
    stage.scene.order(Acknowledge(alert_id=stage.problem("known").id, operator=ANNA))
    stage.problem("known", by="api user")
    async with stage.telling():
        await source.heard.wait()
        await stage.settle(lambda: not stage.acknowledgements._running)
    assert source.told == [("anna", "")]


async def test_sources_that_cannot_be_told_are_left_alone() -> None:
    """Most cannot."""
    stage = Stage(None)
    async with stage.telling():
        stage.order(Acknowledge(alert_id=stage.problem().id, operator=ANNA))
        await asyncio.sleep(0)
        assert not stage.acknowledgements._running
    assert stage.noted == []


async def test_many_at_once_are_told_a_few_at_a_time_and_their_number_is_bounded(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A system that is asked too much is not asked more; what is too much for us is said in the log."""
    monkeypatch.setattr(acknowledge, "MOST_WAITING", 5)
    source = Prtg()
    source.waits = asyncio.Event()
    stage = Stage(source)
    async with stage.telling():
        for number in range(7):
            alert = stage.problem(f"sensor={number}")
            stage.order(Acknowledge(alert_id=alert.id, operator=ANNA))
        await stage.settle(lambda: source.busy == acknowledge.AT_A_TIME)
        source.waits.set()
        await stage.settle(lambda: len(source.told) == 5)
    assert source.busiest == acknowledge.AT_A_TIME
    assert caplog.text.count("too many acknowledgements wait") == 2
