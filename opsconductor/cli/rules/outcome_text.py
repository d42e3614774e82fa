"""Output of `opsconductor rules test` as text."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsconductor.cli.terminal.moment import shown
from opsconductor.model.text import printable

MOST_ROWS = 40
MOST_FAULTS = 20
COLUMNS = ("rule", "channel", "recipient", "would", "were")
HEADINGS = {"would": "would be sent", "were": "were sent"}

Json = dict[str, Any]


def as_text(document: Json) -> RenderableType:
    """Return the head line, what limits the result, the table, and the faults that are new or missing."""
    return Group(
        *_head(document),
        Text(),
        _table(document["rows"]),
        *_faults(document, "silent", "Faults without a notification", "-", "red"),
        *_faults(document, "new", "Faults with a new notification", "+", "green"),
    )


def headline(document: Json) -> str:
    """Return the result in one line: `12 messages instead of 310, and no notification for 2 faults`."""
    messages, silent, new = document["messages"], document["silent_total"], document["new_total"]
    amount = f"{messages['would']} message{'' if messages['would'] == 1 else 's'}"
    parts = [f"{amount} instead of {messages['were']}"]
    if silent:
        parts.append(f"and no notification for {silent} fault{'' if silent == 1 else 's'}")
    if new:
        parts.append(f"and a new notification for {new} fault{'' if new == 1 else 's'}")
    return ", ".join(parts)


def _head(document: Json) -> Iterator[Text]:
    tested = document["tested"]
    yield Text(headline(document), style="bold")
    yield Text(
        f"{_at(tested['from'])} to {_at(tested['to'])}, {document['events']} events"
        + (f" and {document['commands']} commands of operators" if document["commands"] else "")
        + f" in {document['took_s']:.1f} s"
    )
    if document["plan"]:
        yield Text(f"tried with files that are not applied: {document['plan']}")
    for line in _warnings(document):
        yield Text(printable(f"! {line}"), style="yellow")


def _warnings(document: Json) -> Iterator[str]:
    asked, tested, archive = document["asked"], document["tested"], document["archive"]
    if archive is None:
        yield "the archive is empty: the daemon fills it while archive.enabled is true"
    elif datetime.fromisoformat(tested["from"]) > datetime.fromisoformat(asked["from"]):
        yield (
            f"the archive begins {_at(archive['from'])}, so nothing before that is tested or counted;"
            " retention.raw_events_days sets how far it reaches back"
        )
    if limit := document["limited_by"]:
        yield f"the limit of {limit} ended the test; nothing after {_at(tested['to'])} counts"
    if document["not_kept"]:
        yield f"{document['not_kept']} more events were counted but not kept, as in a storm"
    for row in document["skipped"]:
        yield f"{row['events']} events of connector {row['connector']} are left out: {row['reason']}"


def _table(rows: list[Json]) -> RenderableType:
    if not rows:
        return Text("no messages", style="bright_black")
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for name in COLUMNS:
        table.add_column(HEADINGS.get(name, name), justify="right" if name in HEADINGS else "left")
    for row in rows[:MOST_ROWS]:
        table.add_row(*(Text(printable(str(row[name]))) for name in COLUMNS))
    rest = len(rows) - MOST_ROWS
    return Group(table, Text(f"and {rest} more: see --json", style="bright_black")) if rest > 0 else table


def _faults(document: Json, name: str, title: str, mark: str, style: str) -> Iterable[Text]:
    total, faults = document[f"{name}_total"], document[name]
    if not total:
        return
    yield Text()
    yield Text(f"{title} ({total}):", style="bold")
    for fault in faults[:MOST_FAULTS]:
        what = " ".join(filter(None, (fault["device"], fault["alert_type"], fault["resource"])))
        whom = ", ".join(fault["recipients"])
        amount = f"{fault['messages']} message{'' if fault['messages'] == 1 else 's'}"
        line = f"{mark} {what} ({fault['severity']}) {_at(fault['first_at'])}: {amount} to {whom}"
        yield Text(printable(line), style=style)
        if fault["reason"]:
            yield Text(printable(f"    {fault['reason']}"), style="bright_black")
    if total > MOST_FAULTS:
        yield Text(f"and {total - MOST_FAULTS} more: see --json", style="bright_black")


def _at(text: str) -> str:
    return shown(datetime.fromisoformat(text))
