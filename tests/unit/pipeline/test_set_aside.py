"""Events that cannot be handled are set aside: they stop neither the loop nor others, and are kept."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from opsconductor.app.configuring.runtime import aside_of
from opsconductor.config.settings import ArchiveSettings, EngineSettings, LimitSettings, StormSettings
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.engine import transitions
from opsconductor.engine.engine import Engine
from opsconductor.engine.grouping.batches import UnreadableDocument
from opsconductor.flood.limiter import FloodLimiter
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.ledger.equations import Durability
from opsconductor.ledger.ledger import Ledger
from opsconductor.limits import Backoff
from opsconductor.model.alert import Alert
from opsconductor.model.aside import AsideKind, SetAside
from opsconductor.model.changes import Changes, EngineDocument
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.pipeline import failing, sift
from opsconductor.pipeline.archive import Archive
from opsconductor.pipeline.batch import Stages
from opsconductor.pipeline.device_memory import LastSeen
from opsconductor.pipeline.failing import FailureLog
from opsconductor.pipeline.intake import Intake
from opsconductor.pipeline.loop import PipelineLoop
from opsconductor.pipeline.sift import StoredState, load_sifted
from opsconductor.pipeline.stamp_clock import StampClock
from tests.support.engine.pipeline_scene import Scene, report

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
INVENTORY = InventorySnapshot((), ())


class AcmeError(Exception):
    """An error class of a connector's own."""


class Toy:
    """A connector whose messages are resources; it fails with `bug`."""

    async def run(self, emit: Emit) -> None:
        """Do nothing."""
        del emit

    async def check(self) -> CheckResult:
        """Succeed."""
        return CheckResult(ok=True, message="")

    def redacted(self, raw: RawEvent) -> bytes:
        """Remove the secret."""
        if b"unrecordable" in raw.payload:
            raise AcmeError(len(raw.payload))
        return raw.payload.replace(b"public", b"******")

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert]:
        """Report a problem."""
        if b"bug" in raw.payload:
            raise KeyError(len(raw.payload))
        if b"acme" in raw.payload:
            raise AcmeError(len(raw.payload))
        return [
            NormalizedAlert(
                source_system="toy",
                alert_type="application_x",
                category=Category.APPLICATION,
                severity=Severity.MAJOR,
                title="X",
                resource=raw.payload.decode(),
                device_ip="10.0.0.1",
                occurred_at=raw.received_at,
                received_at=raw.received_at,
            )
        ]


class House:
    """A worker whose commits are kept and loaded by the next engine."""

    def __init__(self, intake_events: int = 100) -> None:
        self.asides: list[SetAside] = []
        self.unusable: list[Alert] = []
        self.alerts: dict[str, Alert] = {}
        self.answered: list[str] = []
        self.ledger = Ledger()
        self.intake = Intake(intake_events, self.ledger)
        self.rebuilt = 0
        stages = Stages(
            sources={"toy": Toy()},
            budget=FloodLimiter(StormSettings(), "noc-1"),
            archive=Archive(ArchiveSettings()),
            inventory=INVENTORY,
            engine=an_engine(),
            ledger=self.ledger,
            commit=self._commit,
            announce=lambda *_: None,
            last_seen=LastSeen(),
        )
        self.worker = PipelineLoop(
            stages,
            intake=self.intake,
            limits=LimitSettings(),
            rebuild=self._rebuild,
            clock=StampClock(lambda: NOW, lambda: 0.0),
        )

    async def bring(self, *payloads: str) -> None:
        """Receive messages whose senders wait for an answer."""
        await self.intake.put([self._event(payload) for payload in payloads])

    async def finish(self) -> None:
        """Make the worker do everything, then end."""
        self.worker.finish()
        await self.worker.run()

    def _event(self, payload: str) -> RawEvent:
        return RawEvent(
            "toy", payload.encode(), NOW, peer="10.9.9.9", on_commit=lambda: self.answered.append(payload)
        )

    async def _commit(self, changes: Changes) -> Durability:
        self.asides += changes.aside
        for alert in (*changes.created, *changes.updated, *changes.repeated):
            self.alerts[alert.resource] = alert
        return "committed"

    async def _rebuild(self) -> Engine:
        self.rebuilt += 1
        known = [alert for alert in self.alerts.values() if alert not in self.unusable]
        engine, unusable = load_sifted(an_engine, StoredState(alerts=known), NOW, is_suspect=True)
        self.unusable += [each for each, _ in unusable if isinstance(each, Alert)]
        return engine


def an_engine() -> Engine:
    """Make an engine without settle time."""
    return Engine(EngineSettings(settle_time=timedelta(0)), INVENTORY, ())


def fail_with(monkeypatch: pytest.MonkeyPatch, name: str, when: Callable[[object], bool]) -> None:
    """Make a transition raise an unexpected error for some alerts."""
    real = getattr(transitions, name)

    def broken(work: object, about: object, *rest: object, **named: object) -> object:
        if when(about):
            raise TypeError("unforeseen")
        return real(work, about, *rest, **named)

    for module in ("fold", "timeouts", "transitions"):
        place = f"opsconductor.engine.{module}.{name}"
        monkeypatch.setattr(place, broken, raising=False)


async def test_an_event_with_which_its_connector_fails_is_kept() -> None:
    """The others of its batch are committed, all senders are answered, the engine is not reloaded."""
    house = House()
    await house.bring("a", "bug public", "b")
    await house.finish()
    assert set(house.alerts) == {"a", "b"}
    assert house.answered == ["a", "bug public", "b"]
    (aside,) = house.asides
    assert (aside.kind, aside.origin, aside.subject, aside.content) == (
        AsideKind.EVENT,
        "toy",
        "10.9.9.9",
        b"bug ******",
    )
    assert aside.reason.startswith("KeyError: 10 (test_set_aside.py:")
    assert (house.rebuilt, house.ledger.total("toy", "failed")) == (0, 1)
    assert house.ledger.check(house.worker.levels()) == []


async def test_errors_of_a_connectors_own_reload_no_engine() -> None:
    """300 bad messages are 300 that failed; those between and after them become alerts."""
    house = House(intake_events=400)
    await house.bring("a", *[f"acme {number}" for number in range(300)], "b")
    await house.finish()
    assert set(house.alerts) == {"a", "b"}
    assert (house.rebuilt, house.ledger.total("toy", "failed")) == (0, 300)
    assert {aside.reason.split(":")[0] for aside in house.asides} == {"AcmeError"}
    assert house.ledger.check(house.worker.levels()) == []


async def test_an_event_that_cannot_be_archived_is_still_an_alert() -> None:
    """Only the archive lacks it."""
    house = House()
    await house.bring("a", "unrecordable", "unrecordable acme")
    await house.finish()
    assert set(house.alerts) == {"a", "unrecordable"}
    assert [aside.content for aside in house.asides] == [b""]
    assert house.rebuilt == 0


async def test_an_event_with_which_the_engine_fails_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone or among others; its sender is answered, since it is stored."""
    fail_with(monkeypatch, "create", lambda event: event.report.resource == "poison")  # type: ignore[attr-defined]
    house = House()
    await house.bring("a", "poison", "b")
    await house.finish()
    assert set(house.alerts) == {"a", "b"}
    assert house.answered == ["a", "poison", "b"]
    assert [aside.content for aside in house.asides] == [b"poison"]
    assert house.ledger.total("toy", "failed") == 1
    assert house.ledger.check(house.worker.levels()) == []
    assert house.worker.failure == ""


async def test_an_alert_with_which_the_engine_fails_stops_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would fail at every step: the alert is set aside, not the event."""
    house = House()
    await house.bring("a", "poison", "b")
    house.worker.finish()
    await house.worker.run()
    old = house.alerts["poison"]
    house.alerts["poison"] = replace(old, expires_after=timedelta(0), expires_at=NOW)
    engine = an_engine()
    engine.load(list(house.alerts.values()), NOW)
    house.worker.replace_stages(replace(house.worker.stages, engine=engine))
    fail_with(monkeypatch, "expire", lambda alert: alert.resource == "poison")  # type: ignore[attr-defined]
    await house.bring("c")
    await house.finish()
    assert set(house.alerts) == {"a", "poison", "b", "c"}
    assert house.answered == ["a", "poison", "b", "c"]
    assert [alert.resource for alert in house.unusable] == ["poison"]
    assert house.asides == []
    assert house.worker.failure == ""


async def test_events_wait_while_the_engine_fails_whatever_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set aside and no sender answered; the state shows it until the engine works again."""
    monkeypatch.setattr(failing, "TRY_AGAIN", Backoff(first=timedelta(milliseconds=1)))
    house = House()
    real, tried = Engine.tick, asyncio.Event()

    def broken(_engine: Engine, _now: datetime) -> Changes:
        if house.worker.failure:
            tried.set()
        raise RuntimeError("no engine works")

    monkeypatch.setattr(Engine, "tick", broken)
    monkeypatch.setattr(Engine, "apply", lambda engine, _events, now, **_more: engine.tick(now))
    await house.bring("a")
    house.worker.finish()
    working = asyncio.create_task(house.worker.run())
    await tried.wait()
    assert house.worker.failure.startswith("RuntimeError: no engine works")
    assert (house.asides, house.answered) == ([], [])
    monkeypatch.undo()
    assert Engine.tick is real
    await working
    assert (house.asides, house.answered, house.worker.failure) == ([], ["a"], "")


async def test_a_sender_that_cannot_be_answered_is_not_taken_twice() -> None:
    """A failure after the commit is no failure of the event."""
    house = House()

    def fail() -> None:
        raise ConnectionError("the sender is gone")

    event = house._event("a")._replace(on_commit=fail)
    await house.intake.put([event, house._event("b")])
    await house.finish()
    assert (house.alerts["a"].occurrence_count, house.asides, house.answered) == (1, [], ["b"])


def an_alert(resource: str) -> Alert:
    """Make an open alert."""
    scene = Scene()
    (alert,) = scene.send(report("10.0.0.1", resource=resource, at=scene.now)).created
    return replace(alert, id=uuid4())


def test_unusable_alerts_are_found_among_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few trials find them, at any position; the engine then holds all the others."""
    alerts = [an_alert(str(number)) for number in range(100)]
    bad = {"3", "57", "99"}
    amounts: Counter[int] = Counter()
    real = Engine.load

    def load(
        engine: Engine, known: Sequence[Alert], now: datetime, documents: Sequence[EngineDocument]
    ) -> list[UnreadableDocument]:
        amounts[len(known)] += 1
        if any(alert.resource in bad for alert in known):
            raise TypeError("unforeseen")
        return real(engine, known, now, documents)

    monkeypatch.setattr(Engine, "load", load)
    engine, unusable = load_sifted(an_engine, StoredState(alerts=alerts), NOW, is_suspect=False)
    assert {each.resource for each, _ in unusable if isinstance(each, Alert)} == bad
    assert len(engine.open_alerts()) == 97
    assert amounts.total() < 60


def test_an_engine_that_fails_with_very_many_alerts_is_faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the code must not hide every alert."""
    monkeypatch.setattr(sift, "MOST_UNUSABLE", 5)
    real = Engine.load

    def load(
        engine: Engine, known: Sequence[Alert], now: datetime, documents: Sequence[EngineDocument]
    ) -> list[UnreadableDocument]:
        if known:
            raise TypeError("unforeseen")
        return real(engine, known, now, documents)

    monkeypatch.setattr(Engine, "load", load)
    with pytest.raises(TypeError, match="unforeseen"):
        load_sifted(
            an_engine,
            StoredState(alerts=[an_alert(str(number)) for number in range(10)]),
            NOW,
            is_suspect=False,
        )


def test_repeated_failures_are_logged_at_growing_intervals(caplog: pytest.LogCaptureFixture) -> None:
    """One traceback, then numbers; another failure has a traceback of its own."""
    now_s = 0.0
    failures = FailureLog(lambda: now_s)
    with caplog.at_level(logging.ERROR):
        for second in range(1_000):
            now_s = float(second)
            failures.record("it failed", raised(TypeError("x")))
        failures.record("it failed", raised(KeyError("x")))
    assert [record.exc_info is not None for record in caplog.records] == [True, *[False] * 6, True]
    amounts = [getattr(record, "amount", 1) for record in caplog.records]
    assert amounts == [1, 11, 31, 71, 151, 311, 631, 1]


def test_kinds_of_failures_are_bounded() -> None:
    """Their texts may contain text of others."""
    failures = FailureLog(lambda: 0.0)
    for number in range(1_000):
        failures.record(f"it failed {number}", raised(TypeError("x")))
    assert len(failures._logged) == failing.MOST_KINDS


def raised(error: Exception) -> Exception:
    """Return an error with the traceback that it has when it is caught."""
    try:
        raise error
    except (TypeError, KeyError) as caught:
        return caught


def test_state_that_cannot_be_read_is_named_and_the_rest_is_loaded() -> None:
    """A damaged document of the engine neither stops the start nor is dropped silently."""
    damaged = EngineDocument(kind="batch", key=str(uuid4()), document={"channel": 7})
    unknown = EngineDocument(kind="horoscope", key="1", document={})
    state = StoredState(alerts=[], documents=[damaged, unknown])
    _, unusable = load_sifted(an_engine, state, NOW, is_suspect=False)
    assert [each for each, _ in unusable] == [damaged, unknown]
    aside = aside_of(*unusable[0], NOW)
    assert (aside.origin, aside.subject) == ("engine", f"batch {damaged.key}")
