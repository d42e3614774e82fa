"""The output of `--help`."""

from collections.abc import Iterator
from pathlib import Path

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
def test_examples_are_on_lines_of_their_own(command: tuple[str, ...], tmp_path: Path) -> None:
    """Help needs neither settings nor a key; examples can be copied and contain no layout marks."""
    result = CliRunner().invoke(main, ["--config", str(tmp_path / "none.yaml"), *command, "--help"])
    assert result.exit_code == 0, result.output
    output = result.output
    assert "\\b" not in output
    titles = [line.strip() for line in output.splitlines() if line.strip().startswith("Example")]
    assert set(titles) <= {"Example:", "Examples:"}


def test_a_group_lists_nothing_by_itself() -> None:
    """Lists have a command of their own, `list`; the name of a group alone shows the group's help."""
    groups = [main]
    for path in commands(main):
        command: click.Command | None = main
        for name in path:
            assert isinstance(command, click.Group)
            command = command.get_command(click.Context(command), name)
        if isinstance(command, click.Group):
            groups.append(command)
    assert not [group.name for group in groups if group.invoke_without_command]
