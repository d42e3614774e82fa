"""A pipe for the daemon's log that its reader can stop reading, full to the last byte."""

import asyncio
import os
from pathlib import Path
from typing import BinaryIO

FILLER = b"\n" * 4096


class LogPipe:
    """Copies the daemon's output into a file while `read` is on.

    Attributes:
        input: What the daemon gets as standard output and error.
    """

    def __init__(self, log: Path) -> None:
        self._output, self.input = os.pipe()
        os.set_blocking(self._output, False)
        # a descriptor of its own, because not to block is set for each description
        self._filling = os.open(f"/proc/self/fd/{self.input}", os.O_WRONLY | os.O_NONBLOCK)
        self._log: BinaryIO = log.open("ab", buffering=0)
        self.read()

    def read(self) -> None:
        """Read on."""
        asyncio.get_running_loop().add_reader(self._output, self._copy)

    def stop_reading(self) -> None:
        """Read no more, and fill the pipe so that not one byte goes in."""
        asyncio.get_running_loop().remove_reader(self._output)
        for size in (len(FILLER), 1):
            try:
                while True:
                    os.write(self._filling, FILLER[:size])
            except BlockingIOError:
                continue

    def close(self) -> None:
        """Read the rest and close the pipe."""
        asyncio.get_running_loop().remove_reader(self._output)
        self._copy()
        for descriptor in (self._output, self.input, self._filling):
            os.close(descriptor)
        self._log.close()

    def _copy(self) -> None:
        try:
            while taken := os.read(self._output, 65_536):
                self._log.write(taken.strip(b"\n") + b"\n")
        except BlockingIOError:
            return
