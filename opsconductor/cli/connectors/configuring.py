"""`opsconductor connectors types|enable|disable`: what can be configured, and switches."""

import json
from typing import Any
from urllib.parse import quote

import click
from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.text import Json, console
from opsconductor.cli.rows.command import dry_run_option, json_option, show_change, take_over_option
from opsconductor.cli.terminal.api_client import FindTarget, run
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.text import printable


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def types(target: FindTarget, *, name: str | None, as_json: bool) -> None:
    """List the connector types that are installed, or show one with the keys of its configuration.

    With --json the type is shown with the JSON schema of its configuration.

    \b
    Examples:
      opsconductor connectors types
      opsconductor connectors types snmp_trap
      opsconductor connectors types snmp_trap --json | jq .config_schema
    """  # noqa: D301 - click needs the character itself
    path = "/connectors/types" if name is None else f"/connectors/types/{quote(name, safe='')}"
    answer = run(target(), lambda client: client.get(path))
    if answer is None:
        return
    if as_json:
        echo_json(answer["data"])
    elif name is None:
        console().print(_types(answer["data"]))
    else:
        console().print(_keys(answer["data"]))


def _types(known: list[Json]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for column in ("type", "role", "summary"):
        table.add_column(column)
    for each in known:
        table.add_row(*(Text(printable(each[name])) for name in ("name", "role")), _summary(each))
    return table


def _summary(known: Json) -> Text:
    if known["error"]:
        return Text(printable(known["error"]), style="bold red")
    return Text(printable(known["summary"].partition(". ")[0]))


def _keys(known: Json) -> Table:
    """Return the keys of a configuration; secrets are marked, required ones have no default."""
    schema: Json = known["config_schema"]
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for column in ("key", "default", "meaning"):
        table.add_column(column, overflow="fold")
    for key, about in schema.get("properties", {}).items():
        is_required = key in schema.get("required", ())
        default = "required" if is_required else _written(about.get("default"))
        secret = "secret; " if about.get("writeOnly") else ""
        table.add_row(key, Text(printable(default)), Text(printable(secret + about.get("description", ""))))
    return table


def _written(default: object) -> str:
    """Return a default as YAML has it, in one line; empty: there is none."""
    return "" if default is None else default if isinstance(default, str) else json.dumps(default)


def _switch(verb: str, text: str) -> click.Command:
    @click.command(verb, help=text)
    @click.argument("name")
    @dry_run_option
    @take_over_option
    @json_option
    @click.pass_obj
    def command(target: FindTarget, /, *, name: str, **given: Any) -> None:
        query = [(key, "true") for key in ("dry_run", "take_over") if given[key]]
        path = f"/connectors/{quote(name, safe='')}/{verb}"
        answer = run(target(), lambda client: client.send("POST", path, query=query))
        if answer is not None:
            show_change(answer["data"], is_trial=given["dry_run"], as_json=given["as_json"])

    return command


enable = _switch("enable", "Switch a connector on.")
disable = _switch("disable", "Switch a connector off; alerts from its polls expire within a minute.")
