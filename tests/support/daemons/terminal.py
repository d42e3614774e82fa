"""The command line, on the machine of a daemon."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from opsconductor.cli import main

PROGRAM = Path(sys.executable).with_name("opsconductor")


async def invoked(
    *arguments: str, environment: Mapping[str, str] | None = None, typed: str | None = None
) -> Result:
    """Run a command in a thread: a process would import for half a second what is imported here already."""
    runner = CliRunner(env=environment)
    return await asyncio.to_thread(runner.invoke, main, arguments, input=typed, catch_exceptions=False)


class Terminal:
    """Runs commands with the settings of one daemon."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    async def run(self, *arguments: str, fails: bool = False, typed: str | None = None) -> str:
        """Run a command to its end in this process; returns what it printed, errors included."""
        line = ("--config", str(self.folder / "opsconductor.yaml"), *arguments)
        done = await invoked(*line, environment=self.environment, typed=typed)
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


class Afar:
    """Runs commands on a host that has the daemon's address and a key, and nothing else."""

    def __init__(self, url: str, key: str) -> None:
        self.target = ("--server", url, "--token", key)

    async def run(self, *words: str, fails: bool = False, typed: str | None = None) -> str:
        """Run a command to its end; return what it printed, errors included."""
        done = await invoked(*words, *self.target, typed=typed)
        assert (done.exit_code == 1) == fails, done.output
        return done.output
