"""Command line of OpsConductor: one file per command, and the list of commands.

A command's module is imported only when the command is used, so that `opsconductor alerts` does not
load what only the daemon needs.
"""

import gc
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import click

COMMANDS = {
    "alerts": "opsconductor.cli.alerts.command",
    "apply": "opsconductor.cli.apply",
    "aside": "opsconductor.cli.aside",
    "channels": "opsconductor.cli.channels.command",
    "check-config": "opsconductor.cli.check_config",
    "connectors": "opsconductor.cli.connectors.command",
    "credential": "opsconductor.cli.credential",
    "db": "opsconductor.cli.db.command",
    "doctor": "opsconductor.cli.doctor.command",
    "event": "opsconductor.cli.event",
    "export": "opsconductor.cli.export",
    "inventory": "opsconductor.cli.inventory.command",
    "mappings": "opsconductor.cli.mappings.command",
    "manual": "opsconductor.cli.manual",
    "mib": "opsconductor.cli.mib.command",
    "reload": "opsconductor.cli.reload",
    "replay": "opsconductor.cli.replay.command",
    "rules": "opsconductor.cli.rules",
    "run": "opsconductor.cli.run",
    "token": "opsconductor.cli.token",
    "trap": "opsconductor.cli.trap.command",
}
"""The module of each command; the attribute has the command's name."""


WHILE_IMPORTING = 50_000
"""New objects until the garbage collector looks at them: imports make many and no garbage, and with Python's
default a tenth of a start is spent on looking. The daemon sets its own limits afterwards."""


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
        gc.set_threshold(WHILE_IMPORTING)
        command = getattr(import_module(module), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("opsconductor"), prog_name="opsconductor")
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
    """OpsConductor: one alert per fault, the cause and not the consequences."""
    context.obj = config_file
