"""What several commands on datasets do."""

from typing import Any

import click

from opsconductor.cli.datasets.text import analysis_lines
from opsconductor.cli.datasets.waiting import wait_for
from opsconductor.cli.terminal.api_client import ApiClient
from opsconductor.cli.terminal.moment import Moment
from opsconductor.cli.terminal.whole_list import whole_list
from opsconductor.model.text import printable

Json = dict[str, Any]
UUID_LENGTH, UUID_DASHES = 36, 4


def settings_options(command: Any) -> Any:
    """Add the settings of an analysis."""
    options = (
        click.option("--baseline-share", type=float, help="The first share of the rows; default: 0.5."),
        click.option("--baseline-rows", type=int, help="Number of first rows."),
        click.option("--baseline-until", type=Moment(), help="The rows before this time."),
        click.option("--baseline-files", type=int, help="The rows of the first files."),
        click.option(
            "--variance", "explained_variance", type=float, help="Of the components; default: 0.95."
        ),
        click.option("--false-alarms", "false_alarm_rate", type=float, help="Share of rows; default: 0.01."),
        click.option("--warnings", "warning_rate", type=float, help="Share of rows; default: 0.05."),
        click.option("--t2-limit", type=float, help="In place of the quantile of the baseline."),
        click.option("--spe-limit", type=float, help="In place of the quantile of the baseline."),
        click.option("--feature", "features", multiple=True, help="Compare such columns only: f_*."),
        click.option("--exclude", "excluded", multiple=True, help="Leave out such columns."),
    )
    for option in reversed(options):
        command = option(command)
    return command


async def dataset_of(client: ApiClient, name: str) -> Json:
    """Return a dataset by id or name.

    Raises:
        click.ClickException: There is none, or several have the name.
    """
    if len(name) == UUID_LENGTH and name.count("-") == UUID_DASHES:
        exact: Json = (await client.get(f"/datasets/{name}"))["data"]
        return exact
    found = await whole_list(client, "/datasets", [("search", name)])
    same = [each for each in found if each["name"] == name]
    if len(same) != 1:
        many = "several datasets are" if same else "no dataset is"
        raise click.ClickException(f"{many} called {printable(name)}: see opsconductor datasets list")
    whole: Json = (await client.get(f"/datasets/{same[0]['id']}"))["data"]
    return whole


async def analysed(client: ApiClient, dataset: str, body: Json) -> Json:
    """Analyse a dataset, and wait for the result."""
    queued = (await client.post("/analyses", {"dataset": dataset, **body}))["data"]
    return await wait_for(client, f"/analyses/{queued['id']}", lambda found: found)


def settings_of(given: Json) -> Json:
    """Return the body of an analysis by the options that were given."""
    names = ("share", "rows", "until", "files")
    baseline = {name: value for name in names if (value := given.pop(f"baseline_{name}")) is not None}
    if "until" in baseline:
        baseline["until"] = baseline["until"].isoformat()
    body = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
    body = {name: value for name, value in body.items() if value not in (None, [])}
    return {**body, "baseline": baseline} if baseline else body


def show_analysis(found: Json | None) -> None:
    """Print an analysis, and fail if it has."""
    if not found:
        return
    print_lines(*analysis_lines(found))
    if found["status"] == "failed":
        raise click.ClickException("the analysis failed")
    if found["status"] == "completed":
        print_lines(f"  rows and picture: opsconductor datasets results {found['id']}")


def print_lines(*lines: str) -> None:
    """Print lines, control characters escaped."""
    for line in lines:
        click.echo(printable(line))
