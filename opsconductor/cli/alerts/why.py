"""Text output of `alerts why`. Control characters are escaped."""

from collections.abc import Iterable
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.text import Json
from opsconductor.model.text import printable

FAINT = "bright_black"
DELIVERY_COLOURS = {"sent": "green", "pending": "yellow", "failed": "bold red"}


def why_of(why: Json) -> RenderableType:
    """Render the state, the latest decision of every rule, and the outcome of each message."""
    parts: list[RenderableType] = [_text(line) for line in _state(why)]
    parts += [Text(), Text("rules, the latest decision", style="bold"), _decisions(why)]
    parts += [Text(), Text("messages", style="bold"), _deliveries(why)]
    return Group(*parts)


def _state(why: Json) -> Iterable[str]:
    yield f"The alert is {why['status']}."
    if why["cause"]:
        rule = f": {why['correlation_rule']}" if why["correlation_rule"] else ""
        yield f"It is suppressed because of {why['cause']['title']} ({why['cause']['id']}){rule}."
        if why["root"]["id"] != why["cause"]["id"]:
            yield f"The root cause is {why['root']['title']} ({why['root']['id']})."
    if why["muted_by"]:
        until = f"until {_local(why['muted_until'])}" if why["muted_until"] else "until it is ended"
        yield f"Not notified: {why['muted_by']}, {until}."
        if why["is_held"]:
            yield "If the problem still exists then, it is notified."
    if why["notify_at"]:
        yield f"It is held until {_local(why['notify_at'])}, in case a cause arrives or it clears by itself."
    if why["flapping_since"]:
        yield f"It has been flapping since {_local(why['flapping_since'])}: nothing is sent meanwhile."
    if why["reroute_at"]:
        yield f"Rules that wait for time are evaluated again at {_local(why['reroute_at'])}."
    if not why["notified"]:
        yield "No message about it has been sent or is waiting."


def _decisions(why: Json) -> RenderableType:
    if not why["decisions"]:
        return _text("no rule has been evaluated yet", FAINT)
    latest = max(why["decisions"], key=lambda entry: str(entry["created_at"]))
    table = Table.grid(padding=(0, 2))
    for verdict in latest["changes"]["routing"]:
        fired = Text("fired", style="green") if verdict["fired"] else Text("not", style="yellow")
        table.add_row(fired, _text(verdict["rule"]), _text(verdict["reason"]))
    when = _text(f"{latest['action']} at {_local(latest['created_at'])}", FAINT)
    return Group(when, table) if table.row_count else Group(when, _text("there is no rule", FAINT))


def _deliveries(why: Json) -> RenderableType:
    if not why["deliveries"]:
        return _text("none", FAINT)
    table = Table.grid(padding=(0, 2))
    for each in why["deliveries"]:
        table.add_row(
            _text(each["status"], DELIVERY_COLOURS.get(each["status"], "")),
            _text(_local(each["created_at"]), FAINT),
            _text(each["kind"]),
            _text(f"{each['channel']} {each['recipient']}".strip()),
            _text(each["rule_name"] or ""),
            _text(each["error_message"] or ""),
        )
    return table


def _local(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M:%S %Z}"


def _text(value: object, style: str = "") -> Text:
    return Text(printable(str(value)), style=style)
