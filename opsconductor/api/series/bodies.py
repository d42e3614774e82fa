"""Points that are posted: their model, and parsers for JSON, JSON lines and CSV."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationError

from opsconductor.api.handlers.reported import CSV, JSON, LINES, MEDIA, Faulty, Unread, fault_at
from opsconductor.api.http.parameters import NO_NUL, SOME_TEXT, Parameters, Time
from opsconductor.api.http.validation import Fault, faults_of
from opsconductor.connector.language.json_text import read_json
from opsconductor.connector.settings.shape import Shape
from opsconductor.model.measured.measurement import Measurement, SeriesKind
from opsconductor.series.formats.labelled import owner_of

MOST_FAULTS = 50
MOST_SECONDS = 253_402_300_799
"""The year 9999."""
NO_JSON = Unread("text that is not JSON", "a JSON object, or a list of them")
TOO_MANY_CELLS = Unread("more cells than the header has", "one cell for each name")


METRIC = Shape(
    r"^[A-Za-z_:][A-Za-z0-9_:.\-]*$",
    "the name of a metric such as battery_temperature: letters, digits, _, :, . and -, first no digit",
)


def _as_time(given: object) -> object:
    """Accept seconds since 1970 as well."""
    if isinstance(given, str) and given.replace(".", "", 1).isdigit():
        given = float(given)
    if isinstance(given, int | float) and not isinstance(given, bool):
        if not 0 <= given <= MOST_SECONDS:
            raise ValueError("seconds since 1970, or a time like 2025-01-31T08:00:00Z")
        return datetime.fromtimestamp(given, UTC).isoformat().replace("+00:00", "Z")
    return given


def _as_number(given: object) -> object:
    """Accept a number as text, as CSV has it; true and false are none."""
    if isinstance(given, bool):
        raise ValueError("a number")  # noqa: TRY004 - for pydantic
    try:
        return float(given) if isinstance(given, str) else given
    except ValueError as error:
        raise ValueError("a number") from error


def _not_blank(text: str) -> str:
    return text.strip()


class PostedPoint(Parameters):
    """One measured value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device: Annotated[str, AfterValidator(_not_blank), SOME_TEXT] = Field(
        max_length=255, description="Name or IP address."
    )
    metric: Annotated[str, METRIC] = Field(
        max_length=200,
        description="What is measured: `battery_temperature`.",
    )
    value: Annotated[float, BeforeValidator(_as_number)] = Field(allow_inf_nan=False)
    at: Annotated[Time, BeforeValidator(_as_time)] | None = Field(
        None, description="Time, or seconds since 1970. Default: now."
    )
    resource: Annotated[str, NO_NUL] = Field(
        "", max_length=255, description="What on the device: `ifIndex=7`."
    )
    unit: Annotated[str, NO_NUL] = Field("", max_length=30, description="Of the first value of a series.")
    kind: SeriesKind = Field(SeriesKind.GAUGE, description="Of the first value of a series.")
    id: Annotated[str, SOME_TEXT] | None = Field(
        None, max_length=255, description="The same id within a day is counted once."
    )

    def measurement(self, now: datetime) -> Measurement:
        """Return the value; one without a time was measured now."""
        return Measurement(
            self.metric,
            self.value,
            self.at or now,
            *owner_of(self.device),
            resource=self.resource,
            unit=self.unit,
            kind=self.kind,
        )


class ReadPoint(NamedTuple):
    """A point, and its place in the body: `point 3`, `line 7`."""

    place: str
    point: PostedPoint


class ReadPoints(NamedTuple):
    """What a body holds.

    Attributes:
        points: Those that are valid.
        faults: Of the first `MOST_FAULTS` others: a body of faults costs no more than one of points.
        refused: Number of all others.
    """

    points: list[ReadPoint]
    faults: list[Fault]
    refused: int


def read_points(body: bytes, media: str) -> ReadPoints:
    """Parse a body of points; a point with a fault does not prevent the others.

    Args:
        media: A value of `MEDIA`.

    Raises:
        Faulty: The body as a whole cannot be read.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Faulty([fault_at("", f"byte {error.start} that is not UTF-8", "text in UTF-8")]) from error
    points: list[ReadPoint] = []
    faults: list[Fault] = []
    refused = 0
    for place, values in READERS[media](text):
        if isinstance(values, Unread):
            refused += 1
            if refused <= MOST_FAULTS:
                faults.append(fault_at(place, *values))
            continue
        try:
            points.append(ReadPoint(place, PostedPoint.model_validate(values)))
        except ValidationError as error:
            refused += 1
            if refused <= MOST_FAULTS:
                faults += _faults_at(place, error)
    return ReadPoints(points, faults, refused)


def _faults_at(place: str, error: ValidationError) -> Iterator[Fault]:
    for one in faults_of(error, PostedPoint):
        yield {**one, "name": f"{place}: {one['name']}" if place else one["name"]}


def _from_json(text: str) -> Iterator[tuple[str, Any]]:
    document = _parsed(text)
    if isinstance(document, list):
        yield from ((f"point {number}", values) for number, values in enumerate(document, 1))
    else:
        yield "point 1", document


def _from_lines(text: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"line {number}", _parsed(line)


def _from_csv(text: str) -> Iterator[tuple[str, Any]]:
    head = text.split("\n", 1)[0]
    delimiter = ";" if ";" in head and "," not in head else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in next(rows, [])]
        _check_header(names)
        for row in rows:
            if len(row) > len(names):
                yield f"line {rows.line_num}", TOO_MANY_CELLS
            elif any(row):
                cells = zip(names, row, strict=False)
                yield f"line {rows.line_num}", {name: cell for name, cell in cells if cell}
    except csv.Error as error:
        yield f"line {rows.line_num}", Unread(str(error), "CSV with a header row, RFC 4180")


def _check_header(names: Sequence[str]) -> None:
    known = PostedPoint.model_fields
    if wrong := [name for name in names if name not in known or names.count(name) > 1]:
        expected = f"each of {', '.join(known)} at most once"
        raise Faulty([fault_at("line 1", wrong[0] or "an empty name", expected)])


def _parsed(text: str) -> object:
    try:
        return read_json(text, float)  # a time that is no number is a fault, not the present time
    except (ValueError, RecursionError):
        return NO_JSON


READERS = {JSON: _from_json, LINES: _from_lines, CSV: _from_csv}
__all__ = ["MEDIA", "MOST_FAULTS", "Faulty", "PostedPoint", "ReadPoints", "read_points"]
