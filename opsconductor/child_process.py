"""End of child processes."""

from asyncio.subprocess import Process

CHUNK_BYTES = 64 * 1024


async def kill(process: Process) -> None:
    """End a process with SIGKILL unless it has ended, discard its unread output, and wait for its end.

    Once the buffer of its output is full, asyncio does not read the pipe any more and does not see its end,
    for which `Process.wait` waits, even after the process was killed. No other task may read the output.
    """
    if process.returncode is None:
        process.kill()
    if process.stdout is not None:
        while await process.stdout.read(CHUNK_BYTES):
            continue
    await process.wait()
