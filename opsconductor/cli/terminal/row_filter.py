"""The option `--only`: the alerts that a user or an API key is limited to."""

import click

from opsconductor.model.row_filter import RowFilter
from opsconductor.model.text import printable

with_rows = click.option(
    "--only",
    "only",
    multiple=True,
    metavar="KIND=VALUE",
    help="Limit to alerts of `site=NAME`, with `tag=NAME`, or with a custom field `NAME=VALUE`. Repeat for "
    "several: of one kind any matches, different kinds all must.",
)


def rows_of(only: tuple[str, ...]) -> RowFilter:
    """Return the row filter of the options.

    Raises:
        click.BadParameter: One is not `KIND=VALUE`.
    """
    found: dict[str, list[str]] = {}
    for given in only:
        kind, separator, value = given.partition("=")
        if not (separator and kind and value):
            raise click.BadParameter(f"{given!r} is not KIND=VALUE, such as site=berlin", param_hint="--only")
        found.setdefault(kind, []).append(value)
    site, tag = found.pop("site", ()), found.pop("tag", ())
    fields = tuple((name, tuple(values)) for name, values in sorted(found.items()))
    return RowFilter(site=tuple(site), tag=tuple(tag), custom_fields=fields)


def rows_text(rows: RowFilter) -> str:
    """Return a row filter as the options that make it; empty: it limits nothing."""
    kinds = (("site", rows.site), ("tag", rows.tag), *rows.custom_fields)
    return printable(" ".join(f"{kind}={value}" for kind, values in kinds for value in values))
