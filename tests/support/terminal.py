"""The command line, on the machine of a daemon."""

import asyncio
import os
import sys
from pathlib import Path

from click.testing import CliRunner

from opsconductor.cli import main

PROGRAM = Path(sys.executable).with_name("opsconductor")


class Terminal:
    """Runs commands with the settings of one daemon."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    async def run(self, *arguments: str, fails: bool = False) -> str:
        """Run a command to its end in a thread; returns what it printed, errors included.

        A process would import for half a second what is imported here already; `start` makes one.
        """
        line = ["--config", str(self.folder / "opsconductor.yaml"), *arguments]
        runner = CliRunner(env=self.environment)
        done = await asyncio.to_thread(runner.invoke, main, line, catch_exceptions=False)
        assert (done.exit_code != 0) == fails, done.output
        return done.output

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Start a command as a process."""
        return await asyncio.create_subprocess_exec(
            PROGRAM,
            "--config",
            self.folder / "opsconductor.yaml",
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **self.environment},
        )
