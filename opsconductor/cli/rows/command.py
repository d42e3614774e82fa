"""Commands on the rows of one table: list, show, create, update, edit, delete."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TextIO
from urllib.parse import quote

import click

from opsconductor.cli.alerts.text import Json, console
from opsconductor.cli.rows.editing import edit_row
from opsconductor.cli.rows.kinds import RowKind
from opsconductor.cli.rows.text import OUTPUTS, change_of, table_of, text_of, text_of_rows
from opsconductor.cli.rows.values import read_rows, set_values, with_values
from opsconductor.cli.terminal.api_client import ApiClient, ApiTarget, find_target, run, target_options
from opsconductor.cli.terminal.outcome import echo_json, errors_shown
from opsconductor.cli.terminal.whole_list import whole_list

Act = Callable[..., None]

output_option = click.option(
    "--output", type=click.Choice(OUTPUTS), default="table", show_default=True, help="Form of the output."
)
show_output = click.option(
    "--output",
    type=click.Choice(("yaml", "json")),
    default="yaml",
    show_default=True,
    help="Form of the output.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print what has changed as JSON.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Only show what would change.")
take_over_option = click.option(
    "--take-over", is_flag=True, help="Take over a row that a file declares: the file no longer changes it."
)
set_option = click.option(
    "--set",
    "values",
    metavar="COLUMN=VALUE",
    multiple=True,
    help="A value, in YAML; dots separate nested keys.",
)


def add_row_commands(group: click.Group, kind: RowKind) -> None:
    """Add the commands of a table to a group."""
    for make in (_list, _show, _create, _update, _edit, _delete):
        group.add_command(make(kind))


def add_row_changes(group: click.Group, kind: RowKind) -> None:
    """Add the commands that change rows to a group that shows more than those; `declared` shows the rows."""
    for make in (_create, _update, _edit, _delete):
        group.add_command(make(kind))
    declared = click.Group("declared", help=f"List and show rows as files declare them: {kind.table}.")
    declared.add_command(_list(kind))
    declared.add_command(_show(kind))
    group.add_command(declared)


def target_of(found: Any, url: str | None, token: str | None) -> ApiTarget:
    """Return the daemon to use; a group may have the options as well."""
    if isinstance(found, partial):
        config_file, group_url, group_token = found.args
        return find_target(config_file, url or group_url, token or group_token)
    config_file = found
    return find_target(config_file, url, token)


def _path(kind: RowKind, name: str, *, is_read: bool = False) -> str:
    return f"{kind.reads if is_read else kind.path}/{quote(name, safe='')}"


def _query(*, dry_run: bool, take_over: bool) -> list[tuple[str, str]]:
    given = (("dry_run", dry_run), ("take_over", take_over))
    return [(name, "true") for name, is_given in given if is_given]


def _list(kind: RowKind) -> click.Command:
    @click.command("list", help=f"List the rows that are declared: {kind.table}.")
    @click.argument("search", required=False, default="")
    @output_option
    @target_options
    @click.pass_obj
    def command(found: Any, /, url: str | None, token: str | None, *, search: str, output: str) -> None:
        async def ask(client: ApiClient) -> Json:
            return {"rows": await every_row(client, kind, search)}

        answer = run(target_of(found, url, token), ask) or {"rows": []}
        if output == "table":
            console().print(table_of(kind, answer["rows"]))
        else:
            click.echo(text_of_rows(kind, answer["rows"], output), nl=False)

    return command


async def every_row(client: ApiClient, kind: RowKind, search: str) -> list[Json]:
    """Return all rows in which a text occurs."""
    return await whole_list(client, kind.reads, [("search", search)])


def _show(kind: RowKind) -> click.Command:
    @click.command("show", help=f"Show {kind.a_row} as a provisioning file declares it.")
    @click.argument("name", metavar=kind.name)
    @show_output
    @target_options
    @click.pass_obj
    def command(found: Any, /, url: str | None, token: str | None, *, name: str, output: str) -> None:
        answer = run(target_of(found, url, token), lambda client: client.get(_path(kind, name, is_read=True)))
        if answer is None:
            return
        if output == "json":
            echo_json(answer["data"])
        else:
            click.echo(text_of(answer["data"]), nl=False)

    return command


def _create(kind: RowKind) -> click.Command:
    text = f"""Create {kind.a_row}, or several of FILE (YAML or JSON; - is standard input).

    FILE has one row, a list of rows, or the key {kind.table}. They are created one after the other.
    """

    @click.command("create", help=text)
    @click.argument("file", type=click.File(), required=False)
    @set_option
    @dry_run_option
    @json_option
    @target_options
    @click.pass_obj
    def command(
        found: Any, /, url: str | None, token: str | None, *, file: TextIO | None, **given: Any
    ) -> None:
        with errors_shown():
            values = set_values(given["values"])
            rows = [{}] if file is None else read_rows(kind, file.read(), file.name)
        if file is None and not values:
            raise click.UsageError("give a FILE, or --set COLUMN=VALUE")
        query = _query(dry_run=given["dry_run"], take_over=False)

        async def ask(client: ApiClient) -> None:
            for row in rows:
                answer = await client.send("POST", kind.path, with_values(row, values), query=query)
                show_change(answer["data"], is_trial=given["dry_run"], as_json=given["as_json"])

        run(target_of(found, url, token), ask)

    return command


def _update(kind: RowKind) -> click.Command:
    text = f"""Change {kind.a_row}: single values by --set and --unset, or all of it by FILE.

    FILE (YAML or JSON; - is standard input) replaces the row; --set and --unset leave the rest as it is.
    """

    @click.command("update", help=text)
    @click.argument("name", metavar=kind.name)
    @click.argument("file", type=click.File(), required=False)
    @set_option
    @click.option("--unset", metavar="COLUMN", multiple=True, help="Remove a value.")
    @dry_run_option
    @take_over_option
    @json_option
    @target_options
    @click.pass_obj
    def command(
        found: Any, /, url: str | None, token: str | None, *, name: str, file: TextIO | None, **given: Any
    ) -> None:
        with errors_shown():
            values = set_values((*given["values"], *(f"{column}=null" for column in given["unset"])))
            rows = [] if file is None else read_rows(kind, file.read(), file.name)
        if bool(values) is (file is not None):
            raise click.UsageError("give either a FILE, or --set and --unset")
        if len(rows) > 1:
            raise click.UsageError("the FILE has several rows")
        method, body = ("PATCH", values) if file is None else ("PUT", rows[0])
        query = _query(dry_run=given["dry_run"], take_over=given["take_over"])
        answer = run(
            target_of(found, url, token),
            lambda client: client.send(method, _path(kind, name), body, query=query),
        )
        if answer is not None:
            show_change(answer["data"], is_trial=given["dry_run"], as_json=given["as_json"])

    return command


def _edit(kind: RowKind) -> click.Command:
    text = f"""Edit {kind.a_row} with $EDITOR, as YAML.

    The saved text is applied unless the row was changed meanwhile. If it has faults, the editor opens
    again and shows them.
    """

    @click.command("edit", help=text)
    @click.argument("name", metavar=kind.name)
    @take_over_option
    @target_options
    @click.pass_obj
    def command(found: Any, /, url: str | None, token: str | None, *, name: str, take_over: bool) -> None:
        target = target_of(found, url, token)
        answer = run(target, lambda client: client.get(_path(kind, name, is_read=True)))
        if answer is None:
            return
        query = _query(dry_run=False, take_over=take_over)

        def apply(row: object) -> Json | None:
            return run(
                target,
                lambda client: client.send(
                    "PUT", _path(kind, name), row, query=query, tag=answer["data"]["etag"]
                ),
            )

        changed = edit_row(kind, answer["data"], apply)
        if changed is None:
            click.echo("nothing was changed")
        else:
            show_change(changed["data"], is_trial=False, as_json=False)

    return command


def _delete(kind: RowKind) -> click.Command:
    @click.command("delete", help=f"Delete one or several rows: {kind.table}.")
    @click.argument("names", metavar=f"{kind.name}...", nargs=-1, required=True)
    @click.option("--yes", is_flag=True, help="Do not ask.")
    @dry_run_option
    @take_over_option
    @json_option
    @target_options
    @click.pass_obj
    def command(
        found: Any, /, url: str | None, token: str | None, *, names: Sequence[str], **given: Any
    ) -> None:
        if not (given["yes"] or given["dry_run"]):
            click.confirm(f"Delete {', '.join(names)}?", abort=True)
        query = _query(dry_run=given["dry_run"], take_over=given["take_over"])

        async def ask(client: ApiClient) -> None:
            for name in names:
                answer = await client.send("DELETE", _path(kind, name), query=query)
                show_change(answer["data"], is_trial=given["dry_run"], as_json=given["as_json"])

        run(target_of(found, url, token), ask)

    return command


def show_change(changed: Json, *, is_trial: bool, as_json: bool) -> None:
    """Print what a change has done, or would do."""
    if as_json:
        echo_json(changed)
        return
    for line in change_of(changed, is_trial=is_trial):
        console().print(line, soft_wrap=True)
