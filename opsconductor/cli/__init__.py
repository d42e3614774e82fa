"""The command line: one file per command, one group here."""

from importlib.metadata import version
from pathlib import Path

import click


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
