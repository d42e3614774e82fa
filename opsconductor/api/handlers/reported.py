"""Model of a reported event, and parsers for bodies of events."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import ConfigDict, Field, StrictBool, ValidationError

from opsconductor.api.http.parameters import ALERT_TYPE, LONGEST_NOTES, NO_NUL, SOME_TEXT, Parameters, Time
from opsconductor.api.http.validation import Fault, faults_of
from opsconductor.connector.language.json_text import read_json
from opsconductor.connector.settings.shape import Shape
from opsconductor.model.enums import Severity

MOST_EVENTS = 1_000

JSON, LINES, CSV = "application/json", "application/x-ndjson", "text/csv"
MEDIA = {
    JSON: JSON, LINES: LINES, "application/jsonl": LINES, "application/json-lines": LINES, CSV: CSV,
}  # fmt: skip
"""Format by media type."""


EXPIRY = Shape("^[1-9][0-9]{0,2}[smhd]$", "a length of time such as 90s, 30m, 12h or 7d")


class ReportedEvent(Parameters):
    """A fault, or its end: `clear` with the same device, type and resource."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device: Annotated[str, SOME_TEXT] = Field(max_length=255, description="Name or IP address.")
    alert_type: Annotated[str, ALERT_TYPE] = Field(
        max_length=100,
        description="`<category>_<what>`, such as `storage_backup_failed`.",
    )
    severity: Severity = Field(Severity.WARNING, description="`clear` is the same as `clear: true`.")
    resource: Annotated[str, NO_NUL] = Field("", max_length=255, description="Affected part of the device.")
    title: Annotated[str, NO_NUL] = Field("", max_length=255, description="Empty: the type in plain words.")
    message: Annotated[str, NO_NUL] = Field("", max_length=LONGEST_NOTES)
    clear: StrictBool = Field(default=False, description="The fault is over.")
    cutting: StrictBool = Field(
        default=False,
        description="The fault cuts off what depends on the device: such alerts become consequences."
        " Needs the permission `alerts:write`.",
    )
    occurred_at: Time | None = Field(None, description="Default: now.")
    tags: tuple[Annotated[str, Field(max_length=255), SOME_TEXT], ...] = Field(
        (), max_length=50, description="In CSV separated by commas."
    )
    expires_after: Annotated[str, EXPIRY] | None = Field(
        None,
        description="Expires without a repeat for this long: `30m`. Default: never.",
    )
    id: Annotated[str, SOME_TEXT] | None = Field(
        None,
        max_length=255,
        description="The same id within a day is counted once.",
    )


class Faulty(Exception):
    """Raised for an invalid body, with all its faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = faults
        super().__init__(f"{len(faults)} faults")


class Placed(NamedTuple):
    """A value to validate, and its place: `event 3`, `line 7`; empty: the whole body."""

    place: str
    values: Any


def read_events(body: bytes, media: str) -> Sequence[ReportedEvent]:
    """Parse a body of events.

    Args:
        media: A value of `MEDIA`.

    Raises:
        Faulty: With all faults of all events.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Faulty([fault_at("", f"byte {error.start} that is not UTF-8", "text in UTF-8")]) from error
    events, faults = [], []
    for place, values in READERS[media](text):
        if isinstance(values, Unread):
            faults.append(fault_at(place, *values))
            continue
        try:
            events.append(ReportedEvent.model_validate(values))
        except ValidationError as error:
            faults += [
                {**one, "name": f"{place}: {one['name']}" if place else one["name"]}
                for one in faults_of(error, ReportedEvent)
            ]
    if faults:
        raise Faulty(faults)
    return events


def fault_at(place: str, found: str, expected: str) -> Fault:
    """Return the fault at a place."""
    return {"name": place or "body", "found": found, "expected": expected}


class Unread(NamedTuple):
    """Placeholder for an event that cannot be parsed."""

    found: str
    expected: str


WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
TOO_MANY_CELLS = Unread("more cells than the header has", "one cell for each name")
NO_JSON = Unread("text that is not JSON", "a JSON object, or a list of them")


def _from_json(text: str) -> Iterator[Placed]:
    document = _parsed(text)
    if isinstance(document, list):
        yield from (Placed(f"event {number}", values) for number, values in enumerate(document, 1))
    else:
        yield Placed("", document)


def _from_lines(text: str) -> Iterator[Placed]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield Placed(f"line {number}", _parsed(line))


def _from_csv(text: str) -> Iterator[Placed]:
    head = text.split("\n", 1)[0]
    delimiter = ";" if ";" in head and "," not in head else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in next(rows, [])]
        yield from _faults_in_header(names)
        for row in rows:
            if len(row) > len(names):
                yield Placed(f"line {rows.line_num}", TOO_MANY_CELLS)
            elif any(row):
                yield Placed(f"line {rows.line_num}", _values(names, row))
    except csv.Error as error:
        yield Placed(f"line {rows.line_num}", Unread(str(error), "CSV with a header row, RFC 4180"))


def _values(names: Sequence[str], cells: Sequence[str]) -> dict[str, object]:
    """Parse a row: an empty cell means absent, `clear` and `cutting` are words, commas separate tags."""
    values: dict[str, object] = {name: cell for name, cell in zip(names, cells, strict=False) if cell}
    for name in ("clear", "cutting"):
        if name in values:
            values[name] = WORDS.get(str(values[name]).strip().lower(), values[name])
    if "tags" in values:
        values["tags"] = [tag.strip() for tag in str(values["tags"]).split(",") if tag.strip()]
    return values


def _faults_in_header(names: Sequence[str]) -> Iterator[Placed]:
    known = ReportedEvent.model_fields
    for name in names:
        if name not in known or names.count(name) > 1:
            yield Placed(
                "line 1", Unread(name or "an empty name", f"each of {', '.join(known)} at most once")
            )


def _parsed(text: str) -> object:
    try:
        return read_json(text)
    except (ValueError, RecursionError):
        return NO_JSON


READERS = {JSON: _from_json, LINES: _from_lines, CSV: _from_csv}
