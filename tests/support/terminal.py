"""The command line as a process, on the machine of a daemon."""

import asyncio
import os
import sys
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("opsconductor")


class Terminal:
    """Runs commands with the settings of one daemon."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    async def run(self, *arguments: str, fails: bool = False) -> str:
        """Run a command to its end; returns what it printed, errors included."""
        process = await self.start(*arguments)
        said, _ = await process.communicate()
        text = said.decode()
        assert (process.returncode != 0) == fails, text
        return text

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Start a command."""
        return await asyncio.create_subprocess_exec(
            PROGRAM,
            "--config",
            self.folder / "opsconductor.yaml",
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **self.environment},
        )
