"""What `--help` shows."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from opsconductor.cli import main


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Walk all commands, groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("command", list(commands(main)), ids=" ".join)
def test_examples_stand_on_lines_of_their_own(command: tuple[str, ...]) -> None:
    """They can be copied, and no mark for the layout is left over."""
    said = CliRunner().invoke(main, [*command, "--help"]).output
    assert "\\b" not in said
    titles = [line.strip() for line in said.splitlines() if line.strip().startswith("Example")]
    assert set(titles) <= {"Example:", "Examples:"}
