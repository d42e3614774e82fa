"""Command line of OpsConductor: one file per command; `commands` lists them.

A command's module is imported only when the command is used, so that `opsconductor alerts list` does not
load what only the daemon needs.
"""

import gc
import sys
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click
from click.shell_completion import CompletionItem

from opsconductor.cli.commands import COMMANDS, SECTIONS, SYNONYMS
from opsconductor.cli.examples import with_examples
from opsconductor.cli.terminal.output import with_output
from opsconductor.cli.terminal.target import with_target

OBJECTS_UNTIL_COLLECTED = 50_000
"""New objects until the garbage collector examines them; the daemon sets limits of its own."""


class LazyGroup(click.Group):
    """A click group that imports a command on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None if there is none of this name."""
        del ctx
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = getattr(imported(module), function_of(cmd_name))
        assert isinstance(command, click.Command)
        return with_examples(with_target(with_output(command)), cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return name, command and the remaining arguments.

        Raises:
            click.UsageError: There is no such command; it names the one that is probably meant.
        """
        name = args[0]
        if name in COMMANDS or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        near = [SYNONYMS[name]] if name in SYNONYMS else get_close_matches(name, COMMANDS, n=1)
        meant = "".join(f" Did you mean 'opsconductor {each}'?" for each in near)
        raise click.UsageError(f"No such command '{name}'.{meant}", ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the names that begin like this, without importing their commands."""
        del ctx
        return [CompletionItem(name) for name in COMMANDS if name.startswith(incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section; to import them all would take seconds."""
        del ctx
        width = max(map(len, COMMANDS))
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), entry.summary) for name, entry in section.items()])


def imported(module: str) -> ModuleType:
    """Import a module without the garbage collector: imports make many objects and no garbage."""
    if module in sys.modules:
        return sys.modules[module]
    gc.disable()
    found = import_module(module)
    gc.freeze()
    gc.set_threshold(OBJECTS_UNTIL_COLLECTED)
    gc.enable()
    return found


def function_of(command: str) -> str:
    """Return the name of the function of a command."""
    return command.replace("-", "_")


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="'opsconductor COMMAND --help' shows the options of a command, and examples.",
)
@click.version_option(package_name="opsconductor", prog_name="opsconductor")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="OPSCONDUCTOR_CONFIG",
    default=None,
    help="The daemon's YAML file; default: etc/opsconductor.yaml, then /etc/opsconductor/opsconductor.yaml.",
)
@click.pass_context
def main(context: click.Context, config_file: Path | None) -> None:
    """OpsConductor: one alert per fault, the cause and not the consequences.

    Commands that print data take --output table, json or csv. Exit status: 0 when all went well; 1 when
    something failed, was refused or does not exist; 2 when what was given is faulty.
    """
    context.obj = config_file
