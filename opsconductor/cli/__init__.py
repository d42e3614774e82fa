"""Command line of OpsConductor: one file per command, and the list of commands.

A command's module is imported only when the command is used, so that `opsconductor alerts list` does not
load what only the daemon needs.
"""

import ast
import gc
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import click
from click.shell_completion import CompletionItem

from opsconductor.cli.examples import with_examples
from opsconductor.cli.terminal.output import with_output
from opsconductor.cli.terminal.target import with_target

COMMANDS = {
    "alert-rules": "opsconductor.cli.rows.groups",
    "alerts": "opsconductor.cli.alerts.command",
    "anomalies": "opsconductor.cli.anomalies",
    "apply": "opsconductor.cli.apply",
    "aside": "opsconductor.cli.aside",
    "audit": "opsconductor.cli.audit",
    "backup": "opsconductor.cli.backup",
    "channels": "opsconductor.cli.channels.command",
    "check-config": "opsconductor.cli.check_config",
    "completion": "opsconductor.cli.completion",
    "connectors": "opsconductor.cli.connectors.command",
    "credential": "opsconductor.cli.credential",
    "datasets": "opsconductor.cli.datasets.command",
    "db": "opsconductor.cli.db.command",
    "dependencies": "opsconductor.cli.devices.dependencies",
    "devices": "opsconductor.cli.devices.command",
    "doctor": "opsconductor.cli.doctor.command",
    "event": "opsconductor.cli.event",
    "export": "opsconductor.cli.export",
    "inventory": "opsconductor.cli.inventory.command",
    "machine-configurations": "opsconductor.cli.rows.groups",
    "mappings": "opsconductor.cli.mappings.command",
    "maintenance": "opsconductor.cli.maintenance.command",
    "manual": "opsconductor.cli.manual",
    "mcp": "opsconductor.cli.mcp.command",
    "mib": "opsconductor.cli.mib.command",
    "models": "opsconductor.cli.models.command",
    "oncall": "opsconductor.cli.oncall",
    "people": "opsconductor.cli.rows.groups",
    "policies": "opsconductor.cli.rows.groups",
    "reload": "opsconductor.cli.reload",
    "replay": "opsconductor.cli.replay.command",
    "reports": "opsconductor.cli.reports.command",
    "restore": "opsconductor.cli.restore",
    "rules": "opsconductor.cli.rules.command",
    "run": "opsconductor.cli.run",
    "schedules": "opsconductor.cli.rows.groups",
    "series": "opsconductor.cli.series.command",
    "teams": "opsconductor.cli.rows.groups",
    "token": "opsconductor.cli.accounts.token",
    "trap": "opsconductor.cli.trap.command",
    "users": "opsconductor.cli.accounts.users",
}
"""The module of each command; the attribute has the command's name."""


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

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the names that begin like this, without importing their commands."""
        del ctx
        return [CompletionItem(name) for name in COMMANDS if name.startswith(incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands; to import them all would take seconds."""
        del ctx
        width = formatter.width - 6 - max(map(len, COMMANDS))
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary_of(name, width)) for name in COMMANDS])


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


def summary_of(command: str, width: int) -> str:
    """Return the beginning of a command's help, read from its source."""
    spec = find_spec(COMMANDS[command])
    assert spec is not None
    assert spec.origin is not None
    for node in ast.parse(Path(spec.origin).read_bytes()).body:
        if isinstance(node, ast.FunctionDef) and node.name == function_of(command):
            return click.Command(command, help=ast.get_docstring(node)).get_short_help_str(width)
    return ""


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
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
