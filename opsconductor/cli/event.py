"""`opsconductor event`: report faults from scripts and cron jobs."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click

from opsconductor.api.handlers.reported import (
    CSV,
    JSON,
    LINES,
    MOST_EVENTS,
    Faulty,
    ReportedEvent,
    read_events,
)
from opsconductor.cli.terminal.api_client import ApiClient, DaemonAway, Json, find_target, run, target_options
from opsconductor.cli.terminal.outcome import FAULTY
from opsconductor.model.enums import Severity
from opsconductor.model.text import printable

AWAY = 75
"""EX_TEMPFAIL of sysexits.h: the same command may succeed later."""
PART_BYTES = 1024 * 1024
"""Maximum size of the events in one request; the daemon accepts four times as much by default."""
MEDIA = {"json": JSON, "jsonl": LINES, "csv": CSV}
SUFFIXES = {".json": JSON, ".jsonl": LINES, ".ndjson": LINES, ".csv": CSV}
EXAMPLES = """\b
Examples:
  opsconductor event send --device srv1 --type storage_backup_failed --severity major
  opsconductor event send --device srv1 --type storage_backup_failed --clear
  opsconductor event send --device 10.0.0.7 --type power_fan_failure --resource fan2 \\
      --title "Fan 2 stands still" --tag rack=B7 --expires-after 1h
  opsconductor event send events.csv
  ./check-disks | opsconductor event send --format jsonl -

\b
A file holds JSON (an object or a list), JSON lines, or CSV with a header row; the names are
  device alert_type severity resource title message clear cutting occurred_at tags expires_after id
An event with an id is counted once a day, however often it is sent.

\b
Exit status: 0 all events are committed; 1 refused; 2 wrong options or events, nothing was
sent; 75 the daemon is away, try again later."""


@click.group()
def event() -> None:
    """Report faults from scripts and cron jobs."""


@event.command(epilog=EXAMPLES)
@click.argument("file", type=click.File("rb"), required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(MEDIA)),
    help="Format of FILE; default: by name or content.",
)
@click.option("--device", help="Name or IP address.")
@click.option("--type", "alert_type", help="<category>_<what>, such as storage_backup_failed.")
@click.option("--severity", type=click.Choice([one.value for one in Severity]), help="Default: warning.")
@click.option("--resource", help="Affected part of the device; default: the device itself.")
@click.option("--title", help="One line for people; default: the type in plain words.")
@click.option("--message", help="Details for people.")
@click.option(
    "--clear", is_flag=True, default=None, help="The fault is over: same device, type and resource."
)
@click.option(
    "--cutting",
    is_flag=True,
    default=None,
    help="Suppresses alerts of dependent devices; needs an operator's key.",
)
@click.option("--occurred-at", help="2026-01-31T08:00:00Z; default: now.")
@click.option("--tag", "tags", multiple=True, help="May be repeated.")
@click.option("--expires-after", help="Expires without a repeat for this long: 30m.")
@click.option("--id", help="The same id within a day is counted once.")
@target_options
@click.pass_context
def send(
    context: click.Context,
    /,
    file: BinaryIO | None,
    form: str | None,
    url: str | None,
    token: str | None,
    **given: object,
) -> None:
    """Report one event, or those of FILE (- for standard input)."""
    single = {name: value for name, value in given.items() if value not in (None, ())}
    if (file is None) == (not single):
        raise click.UsageError("give either --device, --type, ... or a FILE (- for standard input)")
    events = _events_of(json.dumps(single).encode(), JSON) if file is None else _events_in(file, form)
    config_file: Path | None = context.obj
    target = find_target(config_file, url, token)
    try:
        answer = run(target, partial(_send, events=events))
    except DaemonAway as away:
        away.show()
        raise click.exceptions.Exit(AWAY) from None
    if answer is None:
        raise click.Abort
    known = f", {answer['repeated']} of them known before" if answer["repeated"] else ""
    click.echo(f"{answer['accepted']} event{'' if answer['accepted'] == 1 else 's'} committed{known}")


async def _send(client: ApiClient, events: Sequence[ReportedEvent]) -> Json:
    """Post events in order."""
    sums = {"accepted": 0, "repeated": 0}
    for part in parts_of(events):
        answer = (await client.post("/events", part))["data"]
        sums = {name: amount + answer[name] for name, amount in sums.items()}
    return sums


def parts_of(events: Sequence[ReportedEvent]) -> Iterator[Sequence[Json]]:
    """Yield events grouped into requests of at most the accepted size."""
    part: list[Json] = []
    size = 0
    for event in events:
        single = event.model_dump(mode="json", exclude_defaults=True)
        length = len(json.dumps(single))
        if part and (len(part) == MOST_EVENTS or size + length > PART_BYTES):
            yield part
            part, size = [], 0
        part.append(single)
        size += length
    if part:
        yield part


def _events_in(file: BinaryIO, form: str | None) -> Sequence[ReportedEvent]:
    data = file.read()
    media = MEDIA[form] if form else SUFFIXES.get(Path(file.name).suffix.lower()) or media_like(data)
    return _events_of(data, media)


def media_like(data: bytes) -> str:
    """Return the media type of a file: JSON begins with a bracket, JSON lines with an object."""
    begin = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not begin.startswith((b"{", b"[")):
        return CSV
    first = begin.split(b"\n", 1)[0].strip()
    is_lines = first.startswith(b"{") and first.endswith(b"}") and len(begin.strip()) > len(first)
    return LINES if is_lines else JSON


def _events_of(data: bytes, media: str) -> Sequence[ReportedEvent]:
    """Validate all events before the first is sent; print all faults, one per line."""
    try:
        return read_events(data, media)
    except Faulty as faulty:
        for fault in faulty.faults:
            click.echo(
                printable(f"{fault['name']}: found {fault['found']}, expected {fault['expected']}"), err=True
            )
        raise click.exceptions.Exit(FAULTY) from None
