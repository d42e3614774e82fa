"""The command line: one file per command, one group here."""

from importlib.metadata import version
from pathlib import Path

import click

from opsconductor.cli.alerts import alerts
from opsconductor.cli.apply import apply
from opsconductor.cli.check_config import check_config
from opsconductor.cli.credential import credential
from opsconductor.cli.export import export
from opsconductor.cli.token import token


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
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


main.add_command(alerts)
main.add_command(apply)
main.add_command(check_config)
main.add_command(credential)
main.add_command(export)
main.add_command(token)
