"""What blocks the event loop is remembered and logged, with the task and the line of code."""

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta

import pytest

from opsconductor.app.status import loop_blocks
from opsconductor.app.status.lag import LoopLag
from opsconductor.app.status.loop_blocks import LoopBlock, LoopBlocks
from opsconductor.model.enums import Severity
from opsconductor.selfcheck.doctor.finding import FindingVerdict
from opsconductor.selfcheck.doctor.machine import judge_blocks
from opsconductor.selfcheck.watch.blocks import troubles_of_blocks

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NO_CAUSE = ("", "")


async def block_until_seen(lag: LoopLag) -> None:
    """Block the event loop until the thread has taken the stack."""
    while lag.blocks.cause_since(lag.looked_s) == NO_CAUSE:
        time.sleep(0.01)  # noqa: ASYNC251 - this is the fault


async def test_a_blocking_connector_is_logged_with_task_and_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The duration, the name of the task, and the function that blocks."""
    monkeypatch.setattr(loop_blocks, "BLOCKED_S", 0.1)
    monkeypatch.setattr(loop_blocks, "LOOK_EVERY_S", 0.01)
    lag = LoopLag()
    watching = asyncio.create_task(lag.watch())
    await asyncio.sleep(0)
    await asyncio.create_task(block_until_seen(lag), name="source slow")
    while not lag.blocks.since(AT):
        await asyncio.sleep(0.001)
    watching.cancel()
    block = lag.blocks.since(AT)[0]
    assert block.task == "source slow"
    assert block.seconds >= 0.1
    assert f"{__file__}:" in block.stack
    assert "in block_until_seen" in block.stack
    assert "asyncio" not in block.stack, "the frames of the loop itself say nothing"
    record = next(record for record in caplog.records if "was blocked" in record.message)
    assert (record.levelno, record.__dict__["task"]) == (logging.WARNING, "source slow")
    assert record.__dict__["stack"] == block.stack


def test_blocks_are_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """The next line says how many there were; none is forgotten for the doctor."""
    blocks = LoopBlocks(lambda: 0.0)
    for now_s in (100.0, 110.0, 120.0, 161.0):
        blocks.note(now_s - 2, now_s)
    assert [record.__dict__["amount"] for record in caplog.records] == [1, 3]
    assert len(blocks.since(AT - timedelta(days=1))) == 4


def test_the_doctor_reports_the_longest_block() -> None:
    """With the time, the task and the line of code; no block is no finding."""
    assert judge_blocks([]) == []
    blocks = [
        LoopBlock(ended_at=AT, seconds=6.04, task="source slow", stack="/x/slow.py:12 in run"),
        LoopBlock(ended_at=AT + timedelta(minutes=1), seconds=1.2, task="", stack=""),
    ]
    (finding,) = judge_blocks(blocks)
    assert (finding.area, finding.verdict) == ("daemon", FindingVerdict.WARNING)
    assert finding.text == (
        "within the last hour the event loop was blocked for more than 1 s 2 times, the longest for 6.0 s "
        "until 2026-01-02 03:04:05 UTC, task source slow: /x/slow.py:12 in run"
    )
    assert "asyncio.to_thread" in finding.remedy


def block_of(seconds: float) -> LoopBlock:
    """Return a block by a task."""
    return LoopBlock(ended_at=AT, seconds=seconds, task="source slow", stack="/x/slow.py:12 in run")


def test_a_busy_host_is_no_alert() -> None:
    """Only what adds up to some seconds within the quiet time."""
    assert list(troubles_of_blocks([])) == []
    assert list(troubles_of_blocks([block_of(1.1), block_of(1.2)])) == []


@pytest.mark.parametrize(
    ("seconds", "severity"), [((1.5, 1.5), Severity.WARNING), ((2.0, 8.5), Severity.MAJOR)]
)
def test_a_blocked_event_loop_is_an_alert(seconds: tuple[float, ...], severity: Severity) -> None:
    """With the longest block, its task and line of code, and the remedy."""
    (trouble,) = troubles_of_blocks([block_of(each) for each in seconds])
    assert (trouble.alert_type, trouble.severity) == ("application_event_loop_blocked", severity)
    assert f"2 times, the longest for {seconds[1]:.1f} s" in trouble.message
    assert "task source slow: /x/slow.py:12 in run. Remedy: " in trouble.message
    assert "asyncio.to_thread" in trouble.message
