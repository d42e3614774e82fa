"""The command line accepts every command in help and documents."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from opsconductor.cli import main

ROOT = Path(__file__).resolve().parents[3]
BANNER = ROOT / "opsconductor" / "cli" / "run.py"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield all commands with their paths."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield f"{path} {name}", found
        if isinstance(found, click.Group):
            yield from commands(found, f"{path} {name}")


def fault_of(line: str) -> str:
    """Parse a command line without running it; return its fault, or an empty text."""
    words = shlex.split(re.split(r"\s[|>&;]|\s{2,}#|\s#\s|\s{3,}", line)[0])
    command: click.Command = main
    context = click.Context(main, info_name="opsconductor")
    rest = words[1:]
    try:
        while True:
            _, rest, _ = command.make_parser(context).parse_args(list(rest))
            if not isinstance(command, click.Group):
                return ""
            if not rest:
                return "" if command.invoke_without_command or "--help" in words else "a group does nothing"
            name, found, rest = command.resolve_command(context, rest)
            assert found is not None
            command, context = found, click.Context(found, info_name=name, parent=context)
    except click.UsageError as error:
        return error.format_message()


def shown() -> Iterator[tuple[str, str]]:
    """Yield where a command line is shown, and the line."""
    for path, command in commands(main):
        text = f"{command.help or ''}\n{command.epilog or ''}".replace("\\\n", " ")
        for line in re.findall(r"^ *(?:\$ )?(opsconductor .*)$", text, re.MULTILINE):
            yield f"help of{path}", line
    for line in re.findall(r'\{program\(\)\} ([^"{]+)', BANNER.read_text()):
        yield "banner", f"opsconductor {line}"
    for document in DOCUMENTS:
        for block in re.findall(r"```(?:console|bash|sh|text)?\n(.*?)```", document.read_text(), re.DOTALL):
            joined = block.replace("\\\n", " ")
            for line in re.findall(r"^(?:\$ |sudo )?(opsconductor .*)$", joined, re.MULTILINE):
                yield document.name, line


def test_shown_commands_are_accepted() -> None:
    """Names of commands and options are right in help, banner, README and docs."""
    faults = [f"{where}: {line}: {fault}" for where, line in shown() if (fault := fault_of(line))]
    assert not faults, "\n".join(faults)
