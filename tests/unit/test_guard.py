"""What `guarded` catches: every error of its block, and no cancellation of the running task."""

import asyncio
import sys

import pytest

from opsconductor.guard import guarded, guarded_data


async def cancelled_elsewhere() -> None:
    """Wait for a task that another part cancels, as libraries do when they close a connection."""
    other = asyncio.ensure_future(asyncio.sleep(60))
    other.cancel()
    await other


async def test_a_cancelled_future_is_an_error_of_the_block() -> None:
    """The task that runs the block was not cancelled, so it continues."""
    with guarded() as block:
        await cancelled_elsewhere()
    assert str(block.error) == "a future or task that it waited for was cancelled"
    assert isinstance(block.error.__cause__, asyncio.CancelledError)


async def test_the_cancellation_of_the_task_passes() -> None:
    """It ends, although everything is caught."""

    async def guard() -> None:
        with guarded():
            await asyncio.Event().wait()

    task = asyncio.create_task(guard())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_a_timeout_around_the_block_passes() -> None:
    """It cancels the task, which the block may not prevent."""

    async def guard() -> None:
        async with asyncio.timeout(0):
            with guarded():
                await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await guard()


async def test_a_block_for_values_catches_no_cancellation_at_all() -> None:
    """It waits for nothing."""
    with pytest.raises(asyncio.CancelledError), guarded_data():
        await cancelled_elsewhere()


def test_without_an_event_loop_a_cancellation_passes() -> None:
    """In a thread nothing says whose it is."""
    with pytest.raises(asyncio.CancelledError), guarded():
        raise asyncio.CancelledError


def test_an_exit_is_an_error_of_the_block() -> None:
    """A library of a connector that calls `sys.exit` does not end the daemon; Ctrl-C still does."""
    with guarded() as block:
        sys.exit("no such license")
    assert str(block.error) == "it called sys.exit('no such license'), which would end the daemon"
    with pytest.raises(KeyboardInterrupt), guarded():
        raise KeyboardInterrupt
    with pytest.raises(SystemExit), guarded_data():
        sys.exit(1)
