"""`opsconductor datasets`: uploads of measured values, and analyses of them."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from opsconductor.cli.datasets.analyses import ANALYSIS_COMMANDS
from opsconductor.cli.datasets.asking import Json, analysed, dataset_of, print_lines, show_analysis
from opsconductor.cli.datasets.sending import progress_bar, send_file
from opsconductor.cli.datasets.text import dataset_lines, print_datasets
from opsconductor.cli.datasets.waiting import wait_for
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, find_target, run, target_options
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.cli.terminal.whole_list import whole_list
from opsconductor.model.text import printable


@click.group()
@target_options
@click.pass_context
def datasets(context: click.Context, /, url: str | None, token: str | None) -> None:
    """Find what is out of the ordinary in measured values: upload CSV files and analyse them.

    \b
    Examples:
      opsconductor datasets upload pump.csv --name "pump 7" --tag pump --analyse
      opsconductor datasets list
      opsconductor datasets show "pump 7"
      opsconductor datasets analyse "pump 7" --baseline-until 2026-03-01 --exclude "valve_*"
      opsconductor datasets analyses "pump 7"
      opsconductor datasets results ANALYSIS --picture pump.png --csv pump-rows.csv
    """  # noqa: D301 - click needs the character itself
    config_file: Path | None = context.obj
    context.obj = partial(find_target, config_file, url, token)  # not needed for the help of a command


@datasets.command("list")
@click.argument("search", default="")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def list_all(target: FindTarget, search: str, *, as_json: bool) -> None:
    """List your datasets and those that are shared."""

    async def get(client: ApiClient) -> Json:
        return {"data": await whole_list(client, "/datasets", [("search", search)])}

    found = run(target(), get)
    if found is not None:
        echo_json(found["data"]) if as_json else print_datasets(found["data"])


@datasets.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--name", help="Of a new dataset; default: of the first file.")
@click.option("--to", "existing", help="Name or id of the dataset that gets the files.")
@click.option("--tag", "tags", multiple=True)
@click.option("--description", default="")
@click.option("--share", is_flag=True, help="Show it to everyone.")
@click.option("--analyse", "then_analyse", is_flag=True, help="Analyse it when it is read.")
@click.pass_obj
def upload(target: FindTarget, /, *, files: tuple[Path, ...], then_analyse: bool, **given: Any) -> None:
    """Upload CSV files of equal columns as one dataset, and wait until they are read.

    \b
    Examples:
      opsconductor datasets upload pump.csv --name "pump 7" --tag pump
      opsconductor datasets upload january.csv february.csv --name "pump 7" --analyse
      opsconductor datasets upload march.csv --to "pump 7"
    """  # noqa: D301 - click needs the character itself

    async def send(client: ApiClient) -> Json:
        if given["existing"]:
            dataset = await dataset_of(client, given["existing"])
        else:
            fields = {"name": given["name"] or files[0].stem, "description": given["description"]}
            body = {**fields, "tags": list(given["tags"]), "is_shared": given["share"]}
            dataset = (await client.post("/datasets", body))["data"]
        with progress_bar() as bar:
            for file in files:
                await send_file(client, dataset["id"], file, bar)
        read = await wait_for(client, f"/datasets/{dataset['id']}", lambda found: found["job"])
        print_lines(*dataset_lines(read))
        if read["job"]["status"] != "completed":
            raise click.ClickException("the files cannot be used: correct them, and upload them again")
        return await analysed(client, read["id"], {}) if then_analyse else {}

    show_analysis(run(target(), send))


@datasets.command()
@click.argument("dataset")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def show(target: FindTarget, dataset: str, *, as_json: bool) -> None:
    """Show a dataset by name or id: files, columns, faults."""

    async def get(client: ApiClient) -> Json:
        return await dataset_of(client, dataset)

    found = run(target(), get)
    if found is not None:
        echo_json(found) if as_json else print_lines(*dataset_lines(found))


@datasets.command()
@click.argument("dataset")
@click.option("--share/--no-share", "is_shared", default=None, help="Show it to everyone, or not.")
@click.option("--name")
@click.option("--description")
@click.option("--tag", "tags", multiple=True, help="All its tags, in place of the present ones.")
@click.pass_obj
def change(target: FindTarget, /, dataset: str, **given: Any) -> None:
    """Change name, description or tags of a dataset, or share it."""
    body = {name: value for name, value in given.items() if value not in (None, ())}

    async def patch(client: ApiClient) -> Json:
        found = await dataset_of(client, dataset)
        changed: Json = (await client.patch(f"/datasets/{found['id']}", body))["data"]
        return changed

    found = run(target(), patch)
    if found is not None:
        print_lines(*dataset_lines(found))


@datasets.command()
@click.argument("dataset")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def delete(target: FindTarget, dataset: str, *, yes: bool) -> None:
    """Delete a dataset with its files and analyses."""
    if not yes:
        click.confirm(f"Delete {printable(dataset)} with its files and analyses?", abort=True)

    async def remove(client: ApiClient) -> None:
        found = await dataset_of(client, dataset)
        await client.delete(f"/datasets/{found['id']}")

    run(target(), remove)


for _command in ANALYSIS_COMMANDS:
    datasets.add_command(_command)
