"""`opsconductor check-config`: validate the daemon's configuration and its provisioning files."""

from pathlib import Path

import click

from opsconductor.app.connectors.types import installed_types
from opsconductor.cli.terminal.outcome import errors_shown
from opsconductor.config.load import find_settings_file, load_settings
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.provision.workable import DeclaredNames, remarks
from opsconductor.config.together import unmet_settings
from opsconductor.model.text import printable


@click.command("check-config")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.pass_obj
def check_config(config_file: Path | None, file: Path | None) -> None:
    """Check the daemon's FILE and the provisioning files that it names.

    All faults are listed at once, one per line: file, line, key, found and expected value. The exit status
    is 2 if there are any. Settings that have no effect without another one are named after an exclamation
    mark. To check a provisioning file alone, use `opsconductor apply --dry-run`.

    \b
    Examples:
      opsconductor check-config /etc/opsconductor/opsconductor.yaml
      OPSCONDUCTOR__API__LISTEN=0.0.0.0:8080 opsconductor check-config
    """  # noqa: D301 - click needs the character itself
    chosen = file or config_file or find_settings_file()
    with errors_shown():
        settings = load_settings(chosen)
        provision = read_provision(settings.provision, installed_types())
    for remark in [*map(str, unmet_settings(settings)), *remarks(provision.items, DeclaredNames())]:
        click.echo(f"! {printable(remark)}", err=True)
    click.echo(
        f"{chosen or 'defaults'}: no faults; {len(provision.items)} rows declared in "
        f"{len(provision.files)} provisioning file" + ("s" if len(provision.files) != 1 else "")
    )
