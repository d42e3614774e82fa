"""The times of visits: each check at its own times, sooner after a first failure."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from connectors.snmp_poll import schedule
from connectors.snmp_poll.definition import CheckDefinition
from connectors.snmp_poll.report import PollReport
from connectors.snmp_poll.schedule import visit_forever


class Enough(Exception):
    """Ends the visits."""


class Visitor:
    """A stand-in for a device: records the due checks, and answers or not."""

    misses_allowed = 3

    def __init__(self, answers: Sequence[bool]) -> None:
        self.misses = 0
        self.visits: list[list[str]] = []
        self._answers = iter(answers)

    async def poll(self, due: Sequence[CheckDefinition]) -> Sequence[PollReport]:
        """Record one visit."""
        self.visits.append([check.name for check in due])
        self.misses = 0 if next(self._answers) else self.misses + 1
        return ()


async def visited(
    visitor: Visitor, *, interval_s: float, often: int, checks: Sequence[CheckDefinition]
) -> None:
    """Visit so often."""

    async def hand(device: Any, reports: Sequence[PollReport]) -> None:
        del device, reports
        if len(visitor.visits) == often:
            raise Enough

    device: Any = visitor
    with pytest.raises(Enough):
        await visit_forever(device, checks, interval_s, hand, first_in_s=0)


def check(name: str, interval_s: float | None = None) -> CheckDefinition:
    """Make a check that reads something."""
    rule = {"alert_type": "power_fan", "title": "x", "when": "x == 1", "severity": "minor"}
    made = CheckDefinition.model_validate(
        {"name": name, "scalars": {"x": "1.3.6.1.4.1.9.1.0"}, "rules": [rule]}
    )
    return made.model_copy(update={"interval": timedelta(seconds=interval_s) if interval_s else None})


async def test_every_check_is_due_at_its_own_times() -> None:
    """All at the first visit, then the usual ones together, and the rare one seldom."""
    visitor = Visitor([True] * 6)
    checks = [check("ports"), check("cpu"), check("disks", 60)]
    await visited(visitor, interval_s=0.01, often=6, checks=checks)
    assert visitor.visits == [["ports", "cpu", "disks"], *[["ports", "cpu"]] * 5]


async def test_a_missing_answer_is_asked_for_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long before the next visit is due; once the device is back, or known as down, at even times."""
    monkeypatch.setattr(schedule, "AGAIN_S", 0.01)
    visitor = Visitor([False, False, True])
    async with asyncio.timeout(10):
        await visited(visitor, interval_s=3_600, often=3, checks=[check("ports")])
    assert visitor.visits == [["ports"], [], []]
