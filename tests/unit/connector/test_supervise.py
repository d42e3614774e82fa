"""Supervision of a connector: how its faults are named, and how long it waits before the next run."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from opsconductor.connector import supervise as supervision
from opsconductor.connector.supervise import ConnectorHealth, supervise
from opsconductor.errors import Unreachable
from opsconductor.model.enums import ConnectorStatus


class Pauses:
    """Records after how many failures a pause is asked for; the fourth one ends the run."""

    longest = timedelta(minutes=1)

    def __init__(self) -> None:
        self.asked: list[int] = []

    def random_pause_s(self, failures: int) -> float:
        """Return no pause."""
        self.asked.append(failures)
        if len(self.asked) == 4:
            raise asyncio.CancelledError
        return 0.0


class Fails:
    """A source that connects, and fails at once."""

    def __init__(self, up: Callable[[], None], error: Exception | None) -> None:
        self._up, self._error = up, error

    async def run(self, _: None, /) -> None:
        """Connect, then fail or return."""
        self._up()
        if self._error is not None:
            raise self._error


async def supervised(
    monkeypatch: pytest.MonkeyPatch, error: Exception | None, *, is_connected: bool = True
) -> tuple[str | None, list[int]]:
    """Run a failing source four times; return the last reason that was reported, and the pauses."""
    reasons: list[str | None] = []

    def report(status: ConnectorStatus, reason: str | None) -> None:
        if status is ConnectorStatus.ERROR:
            reasons.append(reason)

    pauses = Pauses()
    monkeypatch.setattr(supervision, "RESTART", pauses)
    health = ConnectorHealth("toy", report)
    up = health.report_up if is_connected else lambda: None
    with pytest.raises(asyncio.CancelledError):
        await supervise(Fails(up, error), None, health)
    return reasons[-1], pauses.asked


@pytest.mark.parametrize("is_connected", [True, False])
async def test_pauses_grow_also_if_each_run_connects(
    monkeypatch: pytest.MonkeyPatch, *, is_connected: bool
) -> None:
    """A connector that connects and fails at once, again and again, does not restart every second."""
    _, asked = await supervised(monkeypatch, Unreachable("gone"), is_connected=is_connected)
    assert asked == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (KeyError("port"), "KeyError: 'port' (test_supervise.py:"),
        (ValueError(), "ValueError:  (test_supervise.py:"),
        (Unreachable("the server does not answer"), "the server does not answer"),
        (ConnectionRefusedError(111, "Connection refused"), "[Errno 111] Connection refused"),
        (None, "ContractError: run returned; it must run until it is cancelled"),
    ],
    ids=["lookup", "empty", "connector", "system", "returned"],
)
async def test_the_reason_names_an_unexpected_error(
    monkeypatch: pytest.MonkeyPatch, error: Exception | None, reason: str
) -> None:
    """The text of a KeyError is only the key: type and line are named. What is foreseen has its own words."""
    found, _ = await supervised(monkeypatch, error)
    assert str(found).startswith(reason)
