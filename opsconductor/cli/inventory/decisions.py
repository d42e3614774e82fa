"""`opsconductor inventory accept` and `forget`: operator decisions about inventories."""

from pathlib import Path

import click
from rich.console import Group
from rich.text import Text

from opsconductor.cli.alerts.text import Json, age, console, now
from opsconductor.cli.terminal.api_client import ApiClient, find_target, run, target_options
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.text import printable

MOST_SHOWN = 50


@click.command()
@click.argument("connector")
@click.option("--yes", "is_sure", is_flag=True, help="Confirm; without this option the loss is only shown.")
@target_options
@click.pass_obj
def accept(
    config_file: Path | None, connector: str, url: str | None, token: str | None, *, is_sure: bool
) -> None:
    """Retire what CONNECTOR no longer lists, when that is so much that it needs confirmation.

    An inventory that lists far less than before retires nothing, because the permissions of its user may
    have been restricted. Without --yes this shows what would be retired.

    \b
    Examples:
      opsconductor inventory accept netbox
      opsconductor inventory accept netbox --yes
    """  # noqa: D301 - click needs the character itself

    async def ask(client: ApiClient) -> Json:
        rows = (await client.get("/inventory/waiting"))["data"]
        waiting = next((row for row in rows if row["connector"] == connector), None)
        if waiting is None:
            raise click.ClickException(f"nothing of {connector} waits for confirmation")
        if not is_sure:
            return {"waiting": waiting}
        seen = {"connector": connector, **{key: waiting[key] for key in ("devices", "dependencies")}}
        return {"accepted": (await client.post("/inventory/accept", seen))["data"]}

    found = run(find_target(config_file, url, token), ask)
    assert found is not None
    if "accepted" in found:
        console().print(Text(printable(f"{connector}: {found['accepted']['summary']}")))
    else:
        console().print(_waiting(connector, found["waiting"]))


@click.command()
@click.argument("connector", required=False)
@click.option("--yes", "is_sure", is_flag=True, help="Confirm; without this option they are only listed.")
@click.option("--json", "as_json", is_flag=True, help="Print the dependencies as JSON.")
@target_options
@click.pass_obj
def forget(
    config_file: Path | None,
    connector: str | None,
    url: str | None,
    token: str | None,
    *,
    is_sure: bool,
    as_json: bool,
) -> None:
    """Remove dependencies that their inventories no longer list, before their retention ends.

    Such dependencies no longer suppress alerts; as alternative paths they keep alerts from being suppressed.
    Without CONNECTOR, those of all inventories are listed or removed. Without --yes they are only listed.

    \b
    Examples:
      opsconductor inventory forget
      opsconductor inventory forget netbox --yes
    """  # noqa: D301 - click needs the character itself

    async def ask(client: ApiClient) -> Json:
        return await client.post("/inventory/forget", {"connector": connector, "confirm": is_sure})

    found = run(find_target(config_file, url, token), ask)
    assert found is not None
    rows = found["data"]["dependencies"]
    if as_json:
        echo_json(rows)
    else:
        console().print(_missing(rows, is_forgotten=found["data"]["is_forgotten"]))


def _waiting(connector: str, row: Json) -> Group:
    lost = f"{row['devices']:,} of {row['known_devices']:,} devices"
    ways = f"{row['dependencies']:,} of {row['known_dependencies']:,} dependencies"
    lines = [Text(printable(f"{connector} no longer lists {lost} and {ways}; they are kept"), "bold")]
    lines += [Text(f"  {printable(name)}") for name in row["names"]]
    more = row["devices"] - len(row["names"])
    if more > 0:
        lines.append(Text(f"  {more:,} more", "bright_black"))
    lines.append(Text("nothing was changed; --yes retires them"))
    return Group(*lines)


def _missing(rows: list[Json], *, is_forgotten: bool) -> Group:
    if not rows:
        return Group(Text("no dependency is missing"))
    lines = [_line(row) for row in rows[:MOST_SHOWN]]
    if len(rows) > MOST_SHOWN:
        lines.append(Text(f"{len(rows) - MOST_SHOWN:,} more (--json lists all)", "bright_black"))
    amount = "1 dependency" if len(rows) == 1 else f"{len(rows):,} dependencies"
    verdict = "removed" if is_forgotten else "missing; nothing was changed, --yes removes them"
    return Group(*lines, Text(f"{amount} {verdict}"))


def _line(row: Json) -> Text:
    ends = f"{row['device_ip']} -> {row['depends_on_ip']} ({row['dependency_type']})"
    since = f"missing since {age(row['missing_since'], now())}, found by {row['found_by']}"
    return Text.assemble((printable(ends), "magenta"), (f"  {printable(since)}", "bright_black"))
