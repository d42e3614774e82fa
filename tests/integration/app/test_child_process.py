"""A child process whose output is no longer read is ended, and everything goes on."""

import asyncio
from asyncio.subprocess import PIPE, Process

import pytest

from opsconductor.child_process import kill
from opsconductor.errors import StoreUnavailable
from opsconductor.store.postgres.client_programs import ended


async def full() -> Process:
    """Start a process that writes without end, and wait until the buffer of its reader is full."""
    process = await asyncio.create_subprocess_exec("yes", stdout=PIPE, stderr=PIPE)
    assert process.stdout is not None
    while not process.stdout._paused:  # type: ignore[attr-defined]
        await asyncio.sleep(0.01)
    return process


async def test_a_full_buffer_does_not_keep_a_process_from_its_end() -> None:
    """`Process.wait` alone would wait forever: the pipe is not read any more, so that its end is not seen."""
    process = await full()
    async with asyncio.timeout(30):
        await kill(process)
    assert process.returncode == -9


async def test_a_backup_that_fails_midway_fails() -> None:
    """An error while a dump is read, such as a full disk, is raised once the program has ended."""
    process = await full()
    async with asyncio.timeout(30):
        with pytest.raises(StoreUnavailable, match="disk is full"):
            async with ended(process, "pg_dump"):
                raise StoreUnavailable("the disk is full")
    assert process.returncode == -9
