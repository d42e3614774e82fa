"""The list of commands in `opsconductor --help`, which imports none of them."""

import subprocess
import sys

import click
import pytest

from opsconductor.cli import COMMANDS, main, summary_of

LISTED = """
import sys
from click.testing import CliRunner
from opsconductor.cli import COMMANDS, main
shown = CliRunner().invoke(main, ["--help"]).output
assert all(f"  {name}  " in shown for name in COMMANDS), shown
assert not set(COMMANDS.values()) & set(sys.modules)
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_is_the_beginning_of_the_help(name: str) -> None:
    """It is what click would show for the imported command."""
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert summary_of(name, 60) == command.get_short_help_str(60) != ""


def test_the_list_imports_no_command() -> None:
    """`opsconductor --help` shows every command and loads none."""
    subprocess.run([sys.executable, "-c", LISTED], check=True)
