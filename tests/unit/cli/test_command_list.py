"""The list of commands in `opsconductor --help`, which imports none of them."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from opsconductor.cli import main
from opsconductor.cli.commands import COMMANDS, SECTIONS, SYNONYMS

LISTED = """
import sys
from click.testing import CliRunner
from opsconductor.cli import main
from opsconductor.cli.commands import COMMANDS
shown = CliRunner().invoke(main, ["--help"]).output
assert all(f"  {name}  " in shown for name in COMMANDS), shown
assert not set(COMMANDS.values()) & set(sys.modules)
"""


def test_each_summary_stands_whole_on_the_line_of_its_command() -> None:
    """In a terminal of 80 columns no summary is cut or wrapped."""
    lines = CliRunner().invoke(main, ["--help"], terminal_width=80).output.splitlines()
    for section in SECTIONS.values():
        for name, entry in section.items():
            assert [line for line in lines if line.split() == [name, *entry.summary.split()]], name


@pytest.mark.parametrize(
    ("typed", "meant"), [("alrts", "alerts"), ("status", "doctor"), ("silence", "maintenance")]
)
def test_an_unknown_command_names_the_one_that_is_meant(typed: str, meant: str) -> None:
    """A slip of the keyboard, and the word of another program."""
    result = CliRunner().invoke(main, [typed])
    assert result.exit_code == 2
    assert f"No such command '{typed}'. Did you mean 'opsconductor {meant}'?" in result.output


def test_synonyms_name_commands() -> None:
    """No synonym is itself a command, and each stands for one."""
    assert not set(SYNONYMS) & set(COMMANDS)
    assert set(SYNONYMS.values()) <= {*COMMANDS, "--version"}


def test_the_list_imports_no_command() -> None:
    """`opsconductor --help` shows every command and loads none."""
    subprocess.run([sys.executable, "-c", LISTED], check=True)
