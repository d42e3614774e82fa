"""`opsconductor models`: versions of the detector: list, register, evaluate, promote and retire them."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
import yaml
from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.text import SHORT_ID, Json, console
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, find_target, run, target_options
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.text import printable

FAINT = "bright_black"
LOOK_EVERY_S = 1.0
FULL_ID = 36
FIGURES = ("f1", "precision", "recall", "auc")

json_option = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
id_argument = click.argument("part", metavar="ID")


@click.group()
@target_options
@click.pass_context
def models(context: click.Context, /, url: str | None, token: str | None) -> None:
    """Register versions of the detector, evaluate them on stored points, and promote the better one.

    ID is the number of a version, its id, or the beginning of its id.

    \b
    Examples:
      opsconductor models list
      opsconductor models register open_days=200 clip=4
      opsconductor models evaluate 2 --days 14
      opsconductor models promote 2
    """  # noqa: D301 - click needs the character itself
    config_file: Path | None = context.obj
    context.obj = partial(find_target, config_file, url, token)  # not needed for the help of a command


@models.command("list")
@json_option
@click.pass_obj
def list_(target: FindTarget, /, *, as_json: bool) -> None:
    """List the versions, the latest first."""
    rows = _asked(target, lambda client: client.get("/models"))["data"]
    if as_json:
        echo_json(rows)
        return
    table = Table(box=None, pad_edge=False, header_style=FAINT)
    for heading in ("version", "id", "status", *FIGURES, "of production", "promoted by"):
        table.add_column(heading)
    for row in rows:
        beside = row["metrics"].get("production") or {}
        texts = [str(row["version"]), row["id"][:SHORT_ID], _status(row)]
        texts += [_number(row["metrics"].get(name)) for name in FIGURES]
        texts += [f"f1 {_number(beside['f1'])}" if beside else "", row["promoted_by"] or ""]
        table.add_row(*(Text(printable(each)) for each in texts))
    console().print(table)


@models.command()
@id_argument
@json_option
@click.pass_obj
def show(target: FindTarget, /, part: str, *, as_json: bool) -> None:
    """Show a version: hyperparameters, figures, and the data of the evaluation."""
    row = _asked(target, partial(_found, part=part))
    if as_json:
        echo_json(row)
    else:
        _print(row)


@models.command()
@click.argument("given", metavar="FILE|NAME=VALUE...", nargs=-1, required=True)
@json_option
@click.pass_obj
def register(target: FindTarget, /, given: Sequence[str], *, as_json: bool) -> None:
    """Register hyperparameters as a new version; those that are not given are as in production.

    FILE holds them as YAML or JSON, names with values.
    """
    body = {"hyperparameters": _hyperparameters(given)}
    row = _asked(target, lambda client: client.post("/models", body))["data"]
    if as_json:
        echo_json(row)
    else:
        click.echo(
            f"Version {row['version']} is registered; next: opsconductor models evaluate {row['version']}"
        )


@models.command()
@id_argument
@click.option(
    "--days",
    type=click.IntRange(7, 60),
    default=14,
    show_default=True,
    help="The last days whose points are replayed.",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Of the planted deviations; default: random.")
@click.option("--no-wait", is_flag=True, help="Do not wait for the end; 'models show ID' shows the progress.")
@click.pass_obj
def evaluate(target: FindTarget, /, part: str, days: int, seed: int | None, *, no_wait: bool) -> None:
    """Replay stored points through a version and through that in production, and score both."""

    async def ask(client: ApiClient) -> Json:
        row = await _found(client, part)
        body = {"days": days} if seed is None else {"days": days, "seed": seed}
        begun = await client.post(f"/models/{row['id']}/evaluate", body)
        click.echo(f"Version {row['version']} is evaluated on {days} days, seed {begun['meta']['seed']}.")
        return begun["data"] if no_wait else await _waited(client, row["id"])

    row = _asked(target, ask)
    if no_wait:
        return
    _print(row)
    if "failed" in row["training_data_info"]:
        raise click.exceptions.Exit(1)


@models.command()
@id_argument
@click.pass_obj
def promote(target: FindTarget, /, part: str) -> None:
    """Put a version into production, if its F1 on replay is higher; the detector uses it at once."""
    row = _changed(target, part, "promote")
    click.echo(f"Version {row['version']} is in production.")


@models.command()
@id_argument
@click.pass_obj
def retire(target: FindTarget, /, part: str) -> None:
    """Deprecate a version that is not in production."""
    row = _changed(target, part, "retire")
    click.echo(f"Version {row['version']} is deprecated.")


def _hyperparameters(given: Sequence[str]) -> Mapping[str, Any]:
    if len(given) == 1 and "=" not in given[0]:
        try:
            found = yaml.safe_load(Path(given[0]).read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise click.ClickException(f"{given[0]} cannot be read: {error}") from error
        if not isinstance(found, dict):
            raise click.ClickException(f"{given[0]}: expected names with values")
        return found
    values: dict[str, float] = {}
    for each in given:
        name, _, value = each.partition("=")
        try:
            values[name] = float(value)
        except ValueError:
            raise click.ClickException(f"{each}: expected NAME=NUMBER") from None
    return values


def _changed(target: FindTarget, part: str, verb: str) -> Json:
    async def ask(client: ApiClient) -> Json:
        row = await _found(client, part)
        return await client.post(f"/models/{row['id']}/{verb}", {})

    found: Json = _asked(target, ask)["data"]
    return found


def _asked(target: FindTarget, ask: Any) -> Json:
    found = run(target(), ask)
    if found is None:
        raise click.exceptions.Exit(1)
    return found


async def _found(client: ApiClient, part: str) -> Json:
    """Return the only version with a number, or with an id that begins so."""
    if len(part) == FULL_ID:
        one: Json = (await client.get(f"/models/{part}"))["data"]
        return one
    rows: list[Json] = (await client.get("/models"))["data"]
    found = [row for row in rows if str(row["version"]) == part]
    found = found or [row for row in rows if row["id"].startswith(part.lower())]
    if len(found) != 1:
        raise click.ClickException(f"{len(found)} versions have the number {part}, or an id that begins so")
    return found[0]


async def _waited(client: ApiClient, model_id: str) -> Json:
    """Return a version once its evaluation has ended; print the progress meanwhile."""
    printed = ""
    while True:
        row: Json = (await client.get(f"/models/{model_id}"))["data"]
        if row["status"] != "evaluating":
            return row
        state = row["evaluation"] or {"share": 0, "step": "waits"}
        line = f"{state['share']:4.0%} {state['step']}"
        if line != printed:
            click.echo(printable(line), err=True)
            printed = line
        await asyncio.sleep(LOOK_EVERY_S)


def _print(row: Json) -> None:
    info, beside = row["training_data_info"], row["metrics"].get("production")
    lines = [f"version {row['version']} ({row['algorithm']}), {_status(row)}"]
    lines += [f"  {name:<24} {value:g}" for name, value in row["hyperparameters"].items()]
    if beside:
        lines += [_figures("this version", row["metrics"]), _figures(f"version {beside['version']}", beside)]
    if replay := info.get("replay"):
        lines.append(
            f"seed {replay['seed']}: {replay['planted']} planted deviations, {replay['points']:,} points of "
            f"{replay['series']} of {replay['of_series']} series in {replay['days']} days"
        )
    if "failed" in info:
        lines.append(f"the last evaluation failed: {info['failed']}")
    if row["artifact_path"]:
        lines.append(f"file {row['artifact_path']}, SHA-256 {row['artifact_sha256']}")
    click.echo("\n".join(map(printable, lines)))


def _figures(name: str, figures: Json) -> str:
    said = figures["feedback"]
    shown = "  ".join(f"{each} {_number(figures.get(each))}" for each in FIGURES)
    return (
        f"{name:<14} {shown}  found {figures['found']} of {figures['wanted']}, {figures['false']} false; of "
        f"feedback: {said['true']} true, {said['false']} false, f1 {_number(said['f1'])}"
    )


def _status(row: Json) -> str:
    progress = row["evaluation"]
    return f"{row['status']} {progress['share']:.0%}" if progress else str(row["status"])


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
