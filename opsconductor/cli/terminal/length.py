"""Parser for lengths of time on the command line."""

import click

from opsconductor.connector.settings.duration import parse_duration

UNITS = (("d", 86_400), ("h", 3_600), ("m", 60))
LONGEST_DAYS = 366


class Length(click.ParamType[str]):
    """Length of time of whole minutes, as the API has it: `30m`, `2h`, `1d`; `1h30m` becomes `90m`."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the length in its largest unit."""
        try:
            seconds = parse_duration(value).total_seconds()
        except ValueError as error:
            self.fail(f"{value!r} is not {error}", param, ctx)
        if seconds < UNITS[-1][1] or seconds % UNITS[-1][1] or seconds > LONGEST_DAYS * UNITS[0][1]:
            self.fail(f"{value!r} is not a number of minutes, at most {LONGEST_DAYS}d", param, ctx)
        unit, size = next((unit, size) for unit, size in UNITS if seconds % size == 0)
        return f"{int(seconds // size)}{unit}"
