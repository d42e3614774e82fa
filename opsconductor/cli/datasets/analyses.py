"""Commands on analyses, added to the group of datasets."""

from pathlib import Path
from typing import Any

import click

from opsconductor.cli.datasets.asking import (
    Json,
    analysed,
    dataset_of,
    print_lines,
    settings_of,
    settings_options,
    show_analysis,
)
from opsconductor.cli.datasets.text import analysis_lines, print_analyses, print_rows
from opsconductor.cli.datasets.waiting import wait_for
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, run
from opsconductor.cli.terminal.outcome import echo_json


@click.command()
@click.argument("dataset")
@settings_options
@click.option("--no-wait", is_flag=True, help="Do not wait for the result.")
@click.pass_obj
def analyse(target: FindTarget, /, dataset: str, *, no_wait: bool, **given: Any) -> None:
    """Analyse a dataset, and wait for the result.

    \b
    Examples:
      opsconductor datasets analyse "pump 7"
      opsconductor datasets analyse "pump 7" --baseline-rows 10000 --false-alarms 0.001
      opsconductor datasets analyse "pump 7" --feature "f_*" --exclude f_17 --no-wait
    """  # noqa: D301 - click needs the character itself
    body = settings_of(given)

    async def post(client: ApiClient) -> Json:
        found = await dataset_of(client, dataset)
        if no_wait:
            queued: Json = (await client.post("/analyses", {"dataset": found["id"], **body}))["data"]
            return queued
        return await analysed(client, found["id"], body)

    show_analysis(run(target(), post))


@click.command()
@click.argument("analysis")
@settings_options
@click.pass_obj
def rerun(target: FindTarget, /, analysis: str, **given: Any) -> None:
    """Analyse again with other settings; those that you do not give stay as they were."""
    body = settings_of(given)

    async def post(client: ApiClient) -> Json:
        queued = (await client.post(f"/analyses/{analysis}/rerun", body))["data"]
        return await wait_for(client, f"/analyses/{queued['id']}", lambda found: found)

    show_analysis(run(target(), post))


@click.command()
@click.argument("dataset", default="")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def analyses(target: FindTarget, dataset: str, *, as_json: bool) -> None:
    """List analyses, of one dataset or of all."""

    async def get(client: ApiClient) -> Json:
        query = [("dataset", (await dataset_of(client, dataset))["id"])] if dataset else []
        return await client.get("/analyses", query)

    found = run(target(), get)
    if found is not None:
        echo_json(found["data"]) if as_json else print_analyses(found["data"])


@click.command()
@click.argument("analysis")
@click.option("--warnings", is_flag=True, help="Warnings too.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=20, show_default=True)
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all such rows to a file.",
)
@click.option("--all", "every", is_flag=True, help="With --csv: all rows, those of the baseline too.")
@click.option(
    "--picture", type=click.Path(path_type=Path, dir_okay=False), help="Write the picture: .png or .svg."
)
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@click.pass_obj
def results(target: FindTarget, /, analysis: str, *, as_json: bool, **given: Any) -> None:
    """Show what an analysis has found: rows, farthest first, and the features that explain them."""
    level = "all" if given["every"] else "warning" if given["warnings"] else "anomalous"

    async def get(client: ApiClient) -> Json:
        found = (await client.get(f"/analyses/{analysis}"))["data"]
        query = [("level", level), ("per_page", str(given["limit"]))]
        rows = (await client.get(f"/analyses/{analysis}/rows", query))["data"] if found["results"] else []
        if path := given["csv_file"]:
            with path.open("wb") as file:
                await client.download(
                    f"/analyses/{analysis}/rows", [("level", level), ("format", "csv")], file.write
                )
        if path := given["picture"]:
            wanted = "svg" if path.suffix == ".svg" else "png"
            with path.open("wb") as file:
                await client.download(f"/analyses/{analysis}/projection", [("format", wanted)], file.write)
        return {"analysis": found, "rows": rows}

    found = run(target(), get)
    if found is None:
        return
    if as_json:
        echo_json(found["rows"])
        return
    print_lines(*analysis_lines(found["analysis"]))
    print_rows(found["rows"])


@click.command()
@click.argument("analysis")
@click.pass_obj
def cancel(target: FindTarget, analysis: str) -> None:
    """Cancel an analysis that is not completed."""

    async def post(client: ApiClient) -> Json:
        cancelled: Json = (await client.post(f"/analyses/{analysis}/cancel", {}))["data"]
        return cancelled

    show_analysis(run(target(), post))


ANALYSIS_COMMANDS: tuple[click.Command, ...] = (analyse, rerun, analyses, results, cancel)
