"""Faults of third-party connectors beside their constructors: each affects its own connector only."""

import asyncio
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from pydantic import field_validator

from opsconductor.app.checks import check_row
from opsconductor.app.connectors import specs
from opsconductor.app.connectors.running import ConnectorSpec
from opsconductor.app.contexts import ConnectorContexts
from opsconductor.config.channel_traits import traits_in
from opsconductor.config.provision.rows import ConnectorTypes
from opsconductor.connector import supervise
from opsconductor.connector.abilities import verifies
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import ConnectorType, channel_type, source_type
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import Emit
from opsconductor.model.enums import ConnectorStatus
from opsconductor.store.configuration import ConnectorRow
from tests.support.notify.delivering import Recorder
from tests.unit.app.test_live_connectors import (
    GOOD,
    ToyConfig,
    ToySource,
    connectors_running,
    planned,
)
from tests.unit.test_guard import cancelled_elsewhere


class Cancels(ToySource):
    """A source that waits for something that its library cancels."""

    async def run(self, emit: Emit) -> None:
        """Connect, then lose the connection."""
        del emit
        self._context.report_up()
        await cancelled_elsewhere()


class Returns(ToySource):
    """A source that catches its cancellation and returns."""

    async def run(self, emit: Emit) -> None:
        """Run until cancelled."""
        del emit
        self._context.report_up()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


class Continues(ToySource):
    """A source that ignores its cancellation."""

    async def run(self, emit: Emit) -> None:
        """Run until it is released."""
        del emit
        self._context.report_up()
        while not RELEASED.is_set():
            try:
                await RELEASED.wait()
            except asyncio.CancelledError:
                continue


RELEASED = asyncio.Event()


def traits_of(config: ToyConfig) -> Any:
    """Fail for one configuration, and return something else for another."""
    if config.number == 1:
        raise KeyError("limits")
    found: dict[int, Any] = {0: ChannelTraits(), 3: ChannelTraits(per_s=0), 4: ChannelTraits(at_once="2")}  # type: ignore[arg-type]
    return found.get(config.number, {"per_s": 1})


CHANNEL = channel_type("channel", ToyConfig, lambda *_: Recorder(), traits=traits_of)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "KeyError: 'limits'"),
        (2, "traits returned dict instead of ChannelTraits"),
        (3, "traits returned per_s 0, expected a positive number"),
        (4, "traits returned at_once '2', expected a positive number"),
    ],
)
async def test_traits_that_fail_at_a_reload_leave_only_their_channel_in_error(
    number: int, words: str
) -> None:
    """They are asked for before anything stops, as the constructor is."""
    async with connectors_running() as connectors:
        await connectors.change_to(planned(GOOD, CHANNEL))
        before = connectors.registry.built["good"]
        spec = ConnectorSpec(name="channel", connector_type=CHANNEL, config=ToyConfig(number=number))
        await connectors.change_to({**planned(GOOD), "channel": spec})
        status, reason = connectors.status.now()["channel"]
        assert status is ConnectorStatus.ERROR
        assert words in str(reason)
        assert connectors.registry.built == {"good": before}


async def test_a_source_whose_library_cancels_it_is_down_and_restarted() -> None:
    """It was not stopped by the daemon, so its status is not `connected` any more."""
    cancels = source_type("cancels", ToyConfig, Cancels, verifies(Cancels))
    async with connectors_running() as connectors:
        await connectors.change_to(planned(cancels))
        while connectors.status.now()["cancels"][0] is not ConnectorStatus.ERROR:
            await asyncio.sleep(0)
        assert "was cancelled" in str(connectors.status.now()["cancels"][1])
        assert all(not task.done() for task in asyncio.all_tasks() if task.get_name() == "source cancels")


async def test_a_source_that_catches_its_cancellation_is_not_run_again() -> None:
    """It has stopped, as it should; a reload does not wait for it for ever."""
    returns = source_type("returns", ToyConfig, Returns, verifies(Returns))
    async with connectors_running() as connectors:
        await connectors.change_to(planned(returns))
        await connectors.change_to({})
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "source returns"]


async def test_a_source_that_ignores_its_cancellation_holds_up_no_reload(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log names it; it ends by itself or with the daemon."""
    monkeypatch.setattr(supervise, "STOP_WITHIN_S", 0.0)
    continues = source_type("continues", ToyConfig, Continues, verifies(Continues))
    RELEASED.clear()
    async with connectors_running() as connectors:
        await connectors.change_to(planned(continues))
        await asyncio.sleep(0)
        await connectors.change_to(planned(GOOD))
        assert set(connectors.registry.built) == {"good"}
        (record,) = [each for each in caplog.records if each.levelname == "ERROR"]
        RELEASED.set()
    assert (record.getMessage(), vars(record)["connector"]) == (
        "a connector does not stop: its code must end when it is cancelled",
        "continues",
    )


def test_what_a_connector_has_left_and_cannot_be_closed_is_only_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The rest is closed; a reload that removes the connector continues."""

    class Left:
        def __init__(self, error: Exception | None = None) -> None:
            self.is_closed = False
            self._error = error

        def close(self) -> None:
            self.is_closed = True
            if self._error is not None:
                raise self._error

    first, second = Left(LookupError("no such file")), Left()
    live = SimpleNamespace(template_faults=SimpleNamespace(forget=lambda _: None))
    contexts = ConnectorContexts(
        live=live, engine=lambda: None, _left={"acme": {"socket": first, "other": second}}
    )
    contexts.forget("acme")
    assert second.is_closed
    (record,) = [each for each in caplog.records if each.levelname == "ERROR"]
    assert "no such file" in vars(record)["error"]


class BadConfig(ToyConfig):
    """A configuration whose validator fails for some values."""

    @field_validator("number")
    @classmethod
    def _looked_up(cls, number: int) -> int:
        return {0: 0}[number]


FAILING = channel_type("failing", BadConfig, lambda *_: Closing(), check_recipient=lambda text: {}[text])


class Closing(Recorder):
    """A channel that cannot be closed."""

    async def close(self) -> None:
        """Fail."""
        raise LookupError("no session")


def installed(connector_type: ConnectorType) -> ConnectorTypes:
    """Return the installed types: only this one."""
    known = {connector_type.name: connector_type}
    return ConnectorTypes(known=known, channels=frozenset(known), broken={})


def row_of(**config: object) -> ConnectorRow:
    """Return the row of a connector of that type."""
    return ConnectorRow(id=UUID(int=1), name="mine", type="failing", enabled=False, config=config)


def test_a_validator_that_fails_is_a_fault_of_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """At start, reload and `apply`: with type and line of the error, not its text."""
    monkeypatch.setattr(specs, "installed_types", lambda: installed(FAILING))
    with pytest.raises(specs.PlanError) as refused:
        specs.plan_of(row_of(number=4711), lambda _: "")
    assert "the type failing can validate: its code raised KeyError (test_connector_faults.py:" in str(
        refused.value
    )
    assert "4711" not in str(refused.value)
    assert traits_in(FAILING, {"number": 4711}) is None


def test_a_check_of_recipients_that_fails_refuses_the_recipient() -> None:
    """A rule with it is refused, with the example of the type."""
    assert FAILING.refusal_of("noc@example.net").startswith("it cannot be checked: KeyError")
    assert CHANNEL.refusal_of("noc@example.net") == ""


async def test_a_channel_that_cannot_be_closed_has_still_the_result_of_its_check(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`connectors check` of a disabled one says what the check found."""
    monkeypatch.setattr(specs, "installed_types", lambda: installed(FAILING))
    context = ConnectorContext(name="mine", data_dir=tmp_path)
    found = await check_row(row_of(), lambda _: "", context)
    assert (found.ok, found.message) == (True, "works")
