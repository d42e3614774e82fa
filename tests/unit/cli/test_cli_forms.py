"""Help and output of all commands: examples that exist, and the forms in which data are printed."""

from collections.abc import Iterator

import click
from click.testing import CliRunner

from opsconductor.cli import main
from opsconductor.cli.examples import EXAMPLES
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.cli.terminal.output import with_output

Found = Iterator[tuple[str, click.Command]]


def commands(command: click.Command, path: str, parent: click.Context | None) -> Found:
    """Yield all commands with their words."""
    context = click.Context(command, info_name=path or "opsconductor", parent=parent)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from commands(found, f"{path} {name}".strip(), context)
    else:
        yield path, command


def test_every_command_has_an_example_and_a_choice_of_forms() -> None:
    """Each example names its own command; a command that prints JSON prints CSV, too."""
    known = dict(commands(main, "", None))
    for path, command in known.items():
        text = f"{command.help}\n{command.epilog or ''}"
        assert f"opsconductor {path}" in text, path
        options = {option for param in command.params for option in param.opts}
        assert "--json" not in options or "--output" in options, path
    assert EXAMPLES.keys() <= known.keys()


def test_data_are_printed_as_a_table_json_or_csv() -> None:
    """Rows with different columns become one table; a cell that a spreadsheet would calculate is text."""

    @click.command()
    @click.option("--json", "as_json", is_flag=True)
    def show(*, as_json: bool) -> None:
        if as_json:
            echo_json([{"name": "=1", "tags": ["a", "b"]}, {"name": "x", "more": {"k": 1}}])
        else:
            click.echo("a table")

    run = CliRunner().invoke
    command = with_output(with_output(show))
    assert run(command, []).output == "a table\n"
    assert run(command, ["--output", "json"]).output == run(command, ["--json"]).output
    assert run(command, ["--output", "csv"]).output.splitlines() == [
        "name,tags,more", "'=1,\"a,b\",", 'x,,"{""k"": 1}"',
    ]  # fmt: skip
    assert run(command, ["--output", "xml"]).exit_code == 2


def test_rows_beside_their_total_are_rows() -> None:
    """As `mappings list` has them; an object with more in it is one row."""

    @click.command()
    @click.option("--json", "as_json", is_flag=True)
    @click.option("--whole", is_flag=True)
    def show(*, as_json: bool, whole: bool) -> None:
        assert as_json
        echo_json({"total": 2, "found": [{"name": "a"}, {"name": "b"}], **({"at": "now"} if whole else {})})

    run, command = CliRunner().invoke, with_output(show)
    assert run(command, ["--output", "csv"]).output.splitlines() == ["name", "a", "b"]
    assert len(run(command, ["--output", "csv", "--whole"]).output.splitlines()) == 2
