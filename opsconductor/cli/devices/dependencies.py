"""`opsconductor dependencies`: list, import, export, and try before saving."""

import sys
from functools import partial
from pathlib import Path

import click

from opsconductor.cli.devices.command import EVERY, MOST, Query, read_pages, show_found
from opsconductor.cli.devices.text import change_of, dependencies_of
from opsconductor.cli.rows.command import add_row_changes
from opsconductor.cli.rows.kinds import DEPENDENCY
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, Json, find_target, run, target_options
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.enums import DependencyType
from opsconductor.model.text import printable

CSV = "text/csv"
KIND = click.Choice([each.value for each in DependencyType])


@click.group()
@target_options
@click.pass_context
def dependencies(context: click.Context, /, url: str | None, token: str | None) -> None:
    """List and change dependencies; find out what one would suppress before it is saved; read and write CSV.

    \b
    Examples:
      opsconductor dependencies list --device access-1
      opsconductor dependencies preview access-1 core-1 --via ifIndex=7
      opsconductor dependencies create --set device_ip=10.0.0.2 --set depends_on_ip=10.0.0.1
      opsconductor dependencies export --output dependencies.csv
      opsconductor dependencies import dependencies.csv --dry-run
    """  # noqa: D301 - click needs the character itself
    config_file: Path | None = context.obj
    context.obj = partial(find_target, config_file, url, token)  # not needed for the help of a command


add_row_changes(dependencies, DEPENDENCY)


@dependencies.command("list")
@click.option("--device", help="Name or address of the device that needs the other.")
@click.option("--on", "depends_on", help="Name or address of the device that is needed.")
@click.option("--type", "kind", type=KIND, multiple=True)
@click.option("--site", multiple=True, help="Site of the device that needs the other.")
@click.option("--missing", is_flag=True, help="Only those that their inventory no longer lists.")
@click.option("--json", "as_json", is_flag=True, help="Print all of them as JSON.")
@click.pass_obj
def list_dependencies(
    target: FindTarget,
    /,
    device: str | None,
    depends_on: str | None,
    kind: tuple[str, ...],
    site: tuple[str, ...],
    **wanted: bool,
) -> None:
    """List dependencies with what they count for, and where they are declared."""
    query: Query = [("type", each) for each in kind] + [("site", each) for each in site]
    query += [(name, value) for name, value in (("device", device), ("depends_on", depends_on)) if value]
    query += [("missing", "true")] if wanted["missing"] else []
    most = EVERY if wanted["as_json"] else MOST
    found = run(target(), partial(read_pages, path="/dependencies", query=query, most=most))
    assert found is not None
    text = dependencies_of(found["data"], found["meta"]["total"])
    show_found(found["data"], text, wanted["as_json"])


@dependencies.command()
@click.argument("device")
@click.argument("depends_on")
@click.option("--type", "kind", type=KIND, default=DependencyType.NETWORK.value, show_default=True)
@click.option("--via", multiple=True, help="A resource of DEPENDS_ON that carries it: ifIndex=7.")
@click.option("--confidence", type=click.FloatRange(0, 1), default=1.0, show_default=True)
@click.option("--remove", is_flag=True, help="What if this dependency were removed?")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def preview(
    target: FindTarget, /, device: str, depends_on: str, kind: str, via: tuple[str, ...], **wanted: object
) -> None:
    """Show what a dependency of DEVICE on DEPENDS_ON would suppress now; nothing is changed."""
    body = {
        "device_ip": device,
        "depends_on_ip": depends_on,
        "dependency_type": kind,
        "via_resources": list(via),
        "confidence": wanted["confidence"],
        "remove": wanted["remove"],
    }

    async def ask(client: ApiClient) -> Json:
        return await client.post("/dependencies/preview", body)

    found = run(target(), ask)
    assert found is not None
    show_found(found["data"], change_of(found["data"]), wanted["as_json"])


@dependencies.command()
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: standard output.")
@click.pass_obj
def export(target: FindTarget, output: Path | None) -> None:
    """Write all dependencies as CSV, with where they are declared; an import reads it."""

    async def read(client: ApiClient) -> None:
        if output is None:
            await client.download("/dependencies/export", (), sys.stdout.buffer.write)
            return
        with output.open("wb") as file:
            await client.download("/dependencies/export", (), file.write)

    run(target(), read)


@dependencies.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Check and compare only; nothing is changed.")
@click.option(
    "--take-over", is_flag=True, help="Take over rows that files declare: the files no longer change them."
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.pass_obj
def import_file(target: FindTarget, file: Path, *, dry_run: bool, take_over: bool, as_json: bool) -> None:
    """Create and change dependencies from a CSV file (- for standard input), all or none.

    The columns are device_ip, depends_on_ip, dependency_type, via_resources (; between several), description
    and confidence; the first two are required. Nothing is deleted.
    """
    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    query = [(name, "true") for name, is_set in (("dry_run", dry_run), ("take_over", take_over)) if is_set]

    async def send(client: ApiClient) -> Json:
        return await client.upload("/dependencies/import", content, media=CSV, query=query)

    found = run(target(), send)
    assert found is not None
    outcome = found["data"]
    if as_json:
        echo_json(outcome)
        return
    for remark in outcome["remarks"]:
        click.echo(printable(remark), err=True)
    amounts = ", ".join(f"{outcome[name]:,} {name}" for name in ("added", "changed", "unchanged"))
    click.echo(f"{amounts} of {outcome['rows']:,} rows; {_ending(outcome)}")
    if outcome["error"]:
        raise click.ClickException(printable(f"stored, but not in force: {outcome['error']}"))


def _ending(outcome: Json) -> str:
    taken = outcome["taken_over"]
    words = f"{taken:,} found by an inventory are own ones now; " if taken and outcome["is_applied"] else ""
    return words + ("in force" if outcome["is_applied"] else "nothing was changed")
