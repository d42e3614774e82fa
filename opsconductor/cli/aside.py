"""`opsconductor aside`: messages and alerts that could not be processed and were set aside."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import click
from rich.console import Group, RenderableType
from rich.text import Text

from opsconductor.cli.alerts.text import SHORT_ID, Json, age, console, now
from opsconductor.cli.terminal.api_client import ApiClient, find_target, run, target_options
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.aside import AsideKind
from opsconductor.model.text import printable

FULL_ID = 36
Ask = Callable[[ApiClient], Awaitable[Json]]


@click.group()
def aside() -> None:
    """List what could not be processed and was set aside; show, remove or retry it.

    An ID may be abbreviated to any four or more consecutive characters of it, if they match exactly one.

    \b
    Examples:
      opsconductor aside list --kind event
      opsconductor aside show 838cb823
      opsconductor aside retry 838cb823
    """  # noqa: D301 - click needs the character itself


@aside.command("list")
@click.option("--kind", type=click.Choice([kind.value for kind in AsideKind]), help="Default: any.")
@click.option("--origin", help="Connector or channel; default: any.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@target_options
@click.pass_obj
def list_(
    config_file: Path | None, /, url: str | None, token: str | None, *, as_json: bool, **wanted: object
) -> None:
    """List what was set aside with time, sender and reason, latest first."""

    async def ask(client: ApiClient) -> Json:
        query = [(name, str(value)) for name, value in wanted.items() if value is not None]
        return await client.get("/set-aside", query)

    rows = _asked(config_file, url, token, ask)["data"]
    if as_json:
        echo_json(rows)
    else:
        console().print(_lines(rows))


@aside.command()
@click.argument("aside_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@target_options
@click.pass_obj
def show(
    config_file: Path | None, aside_id: str, url: str | None, token: str | None, *, as_json: bool
) -> None:
    """Show one item with its stored content, secrets masked."""

    async def ask(client: ApiClient) -> Json:
        return await client.get(f"/set-aside/{await _full_id(client, aside_id)}")

    row = _asked(config_file, url, token, ask)["data"]
    if as_json:
        echo_json(row)
    else:
        console().print(_whole(row))


@aside.command()
@click.argument("aside_ids", metavar="ID...", nargs=-1, required=True)
@target_options
@click.pass_obj
def forget(config_file: Path | None, aside_ids: Sequence[str], url: str | None, token: str | None) -> None:
    """Remove items; the audit log records who did it."""

    async def ask(client: ApiClient) -> Json:
        for part in aside_ids:
            full_id = await _full_id(client, part)
            await client.delete(f"/set-aside/{full_id}")
            click.echo(f"{full_id[-SHORT_ID:]}: removed")
        return {}

    _asked(config_file, url, token, ask)


@aside.command()
@click.argument("aside_ids", metavar="ID...", nargs=-1, required=True)
@target_options
@click.pass_obj
def retry(config_file: Path | None, aside_ids: Sequence[str], url: str | None, token: str | None) -> None:
    """Process messages again. What succeeds is removed, the rest stays with its new reason.

    The row of an alert is removed if the engine holds the alert by now. Exit status 1: something stays.
    """

    async def ask(client: ApiClient) -> Json:
        stays = 0
        for part in aside_ids:
            full_id = await _full_id(client, part)
            outcome = (await client.post(f"/set-aside/{full_id}/retry", {}))["data"]
            stays += not outcome["is_removed"]
            verdict = "handled and removed" if outcome["is_removed"] else f"stays: {outcome['reason']}"
            click.echo(printable(f"{full_id[-SHORT_ID:]}: {verdict}"))
        return {"stays": stays}

    if _asked(config_file, url, token, ask)["stays"]:
        raise click.exceptions.Exit(1)


def _asked(config_file: Path | None, url: str | None, token: str | None, ask: Ask) -> Json:
    found = run(find_target(config_file, url, token), ask)
    if found is None:
        raise click.exceptions.Exit(1)
    return found


async def _full_id(client: ApiClient, part: str) -> str:
    """Return the id of the only item whose id contains `part`."""
    part = part.lower()
    if len(part) == FULL_ID:
        return part
    found = (await client.get("/set-aside", [("id", part), ("limit", "2")]))["data"]
    if len(found) == 1:
        return str(found[0]["id"])
    many = "more than one item has" if found else "no item that was set aside has"
    raise click.ClickException(f"{many} an id that contains {part}")


def _lines(rows: Sequence[Json]) -> RenderableType:
    if not rows:
        return Text("nothing was set aside", "green")
    return Group(*(_line(row) for row in rows))


def _line(row: Json) -> Text:
    head = f"{row['id'][-SHORT_ID:]}  {row['kind']} of {row['origin'] or '?'}  {row['subject']}"
    return Text.assemble(
        (printable(head), "bold"),
        (f"  {age(row['at'], now())} ago, {row['size']:,} bytes", "bright_black"),
        f"\n    {printable(row['reason'])}",
    )


def _whole(row: Json) -> RenderableType:
    kept = "" if row["is_whole"] else f"  (of {row['size']:,} bytes the beginning)"
    facts = [f"{name}: {row[name]}" for name in ("id", "kind", "origin", "subject", "at", "reason")]
    content = [printable(line) for line in row["content"].splitlines()]
    return Group(*(Text(printable(fact)) for fact in facts), Text(f"content:{kept}"), *map(Text, content))
