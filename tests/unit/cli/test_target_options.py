"""`--server`, `--token` and `--key-file` may stand before or after the name of a command."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from opsconductor.cli import main
from opsconductor.cli.commands import COMMANDS

UNUSED_URL = "http://127.0.0.1:1"


def leaves(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield the commands below one."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name, each in command.commands.items():
        yield from leaves(each, f"{path} {name}")


def takes_server(command: click.Command) -> bool:
    """Return True if a command has the option."""
    return any("--server" in param.opts for param in command.params)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_below_a_group_with_a_server_takes_one(name: str) -> None:
    """No command refuses what its group accepts."""
    command = main.get_command(click.Context(main), name)
    assert command is not None
    if takes_server(command):
        assert [path for path, each in leaves(command, name) if not takes_server(each)] == []


@pytest.mark.parametrize(
    "words",
    [
        ("alerts", "--server", UNUSED_URL, "stats"),
        ("alerts", "stats", "--server", UNUSED_URL),
        ("alerts", "--server", "http://127.0.0.1:2", "stats", "--url", UNUSED_URL),
        ("devices", "list", "--server", UNUSED_URL),
        ("devices", "declared", "list", "--server", UNUSED_URL),
    ],
)
def test_the_server_nearest_to_the_command_is_asked(words: tuple[str, ...], tmp_path: Path) -> None:
    """With a key from a file, and without any settings."""
    key = tmp_path / "key"
    key.write_text("ops_0_0\n")
    result = CliRunner().invoke(main, [*words, "--key-file", str(key)])
    answer = result.output.partition(": ")[2]
    assert (result.exit_code, answer[:33]) == (1, f"no answer from {UNUSED_URL}"[:33])
