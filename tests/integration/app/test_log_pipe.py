"""The log is not read: the daemon goes on, and ends when it is stopped."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

WITHIN_S = 10
TALKS_AND_ENDS = """
import logging, sys
from opsconductor import logs
listener = logs.start("info", sys.argv[1])
for number in range(20_000):
    logging.getLogger("test").info("a line of some length about number %d", number)
listener.stop()
"""


@pytest.fixture
def full_pipe() -> Iterator[int]:
    """A pipe into which not one byte goes any more."""
    output, full = os.pipe()
    filling = os.open(f"/proc/self/fd/{full}", os.O_WRONLY | os.O_NONBLOCK)
    for size in (4096, 1):
        try:
            while True:
                os.write(filling, b"\n" * size)
        except BlockingIOError:
            continue
    yield full
    for descriptor in (output, full, filling):
        os.close(descriptor)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_process_whose_log_is_not_read_ends(full_pipe: int, form: str) -> None:
    """Writing blocks nothing, and unwritten lines do not delay the end."""
    command = [sys.executable, "-c", TALKS_AND_ENDS, form]
    done = subprocess.run(command, stderr=full_pipe, check=False, timeout=WITHIN_S)
    assert done.returncode == 0


@pytest.mark.parametrize("form", ["text", "json"])
def test_everything_is_written_before_the_end(form: str) -> None:
    """Queued lines are written before a process with a reader ends."""
    script = TALKS_AND_ENDS.replace("20_000", "500")
    command = [sys.executable, "-c", script, form]
    done = subprocess.run(command, stderr=subprocess.PIPE, check=True, timeout=WITHIN_S)
    assert done.stderr.count(b"a line of some length about number") == 500
