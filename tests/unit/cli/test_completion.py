"""Completion scripts of the shells."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from opsconductor.cli.completion import SHELLS
from tests.support.daemons.terminal import invoked


@pytest.mark.parametrize("shell", SHELLS)
async def test_every_shell_has_a_script(shell: str) -> None:
    """It names the program and the variable by which the program is asked."""
    done = await invoked("completion", shell)
    assert done.exit_code == 0
    assert "_OPSCONDUCTOR_COMPLETE" in done.output


async def test_fish_keeps_the_commas_of_descriptions(tmp_path: Path) -> None:
    """The kind is the text before the first comma of an answer, the rest is value and description."""
    done = await invoked("completion", "fish")
    assert 'string split -m 1 "," $completion' in done.output
    assert 'string split "," $completion' not in done.output
    program = tmp_path / "opsconductor"
    program.write_text('#!/bin/sh\nprintf "plain,list\\tList alerts, the newest first\\n"\n')
    program.chmod(0o755)
    (tmp_path / "script.fish").write_text(done.output)
    finished = await asyncio.to_thread(
        subprocess.run,
        ["fish", "-c", f'source {tmp_path}/script.fish; complete -C "opsconductor "'],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout == "list\tList alerts, the newest first\n"
