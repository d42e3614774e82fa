"""The manual page that ships is the help of the commands."""

from opsconductor.cli import main
from opsconductor.cli.commands import COMMANDS
from opsconductor.cli.manual import page
from opsconductor.shipped import shipped


def test_the_page_that_ships_is_up_to_date() -> None:
    """docs/opsconductor.1 is what `make manual` writes."""
    assert (shipped("docs") / "opsconductor.1").read_text() == page(main), "run 'make manual'"


def test_every_command_is_in_it() -> None:
    """The page has a section for every command, and no text is taken for a request of roff."""
    text = page(main)
    for name in COMMANDS:
        assert f".SS opsconductor {name.replace('-', chr(92) + '-')}" in text
    requests = {line.split()[0] for line in text.splitlines() if line.startswith(".")}
    assert requests <= {".TH", ".SH", ".SS", ".B", ".TP", ".PP", ".nf", ".fi", ".I"}
