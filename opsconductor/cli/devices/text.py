"""Text output of devices and dependencies."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.text import COLOURS, Json, age
from opsconductor.model.text import printable

QUIET = "bright_black"
MOST_SHOWN = 20


def devices_of(rows: Sequence[Json], total: int, now: datetime) -> RenderableType:
    """Render a list of devices."""
    table = _table("device", "address", "state", "site", "role", "last heard")
    for row in rows:
        heard = age(row["last_heard_at"], now) if row["last_heard_at"] else ""
        table.add_row(
            Text(printable(row["name"])),
            _quiet(row["ip_address"]),
            state_of(row),
            _quiet(row["site"]),
            _quiet(row["role"]),
            _quiet(heard),
        )
    return Group(table, Text(f"{len(rows):,} of {total:,} devices", QUIET))


def device_of(one: Json, now: datetime) -> RenderableType:
    """Render one device: facts, then open alerts."""
    facts = Table(box=None, pad_edge=False, show_header=False)
    facts.add_column(style=QUIET)
    facts.add_column(overflow="fold")
    for name, value in _facts(one, now):
        facts.add_row(name, value)
    parts: list[RenderableType] = [Text(printable(one["name"]), "bold"), facts]
    if one["open_alerts"]:
        parts += [Text(), Text("open alerts", QUIET)]
        parts += [
            Text.assemble(
                (f"  {alert['severity']:<9}", COLOURS[alert["severity"]]),
                printable(f"{alert['title']}  "),
                (f"{alert['status']} since {age(alert['occurred_at'], now)}, {alert['id'][-8:]}", QUIET),
            )
            for alert in one["open_alerts"]
        ]
    return Group(*parts)


def graph_of(graph: Json, left_out: int) -> RenderableType:
    """Render a graph as trees: what needs the others is indented below them; each device once."""
    nodes = {node["key"]: node for node in graph["nodes"]}
    below: dict[str, list[Json]] = {}
    for edge in graph["edges"]:
        below.setdefault(edge["depends_on"], []).append(edge)
    needing = {edge["device"] for edge in graph["edges"]}
    lines: list[Text] = []
    seen: set[str] = set()
    for key in (*(key for key in nodes if key not in needing), *nodes):
        lines += _branch(key, nodes, below, seen)
    if left_out:
        lines.append(Text(f"{left_out:,} more devices are not shown", QUIET))
    return Group(*lines)


def dependencies_of(rows: Sequence[Json], total: int) -> RenderableType:
    """Render a list of dependencies."""
    table = _table("device", "needs", "type", "by way of", "counts as", "declared in")
    for row in rows:
        declared = row["file"] or row["kind"] or ""
        table.add_row(
            Text(printable(row["device_name"])),
            Text(printable(row["depends_on_name"])),
            _quiet(row["dependency_type"]),
            _quiet(", ".join(row["via_resources"])),
            _quiet(_weight(row)),
            _quiet(declared),
        )
    return Group(table, Text(f"{len(rows):,} of {total:,} dependencies", QUIET))


def failure_of(found: Json) -> RenderableType:
    """Render what would follow if a device failed."""
    lines = [
        Text(f"{found['devices']:,} devices would be cut off, {found['alerts']:,} open alerts suppressed")
    ]
    lines += [
        Text.assemble(f"  {printable(one['name'])}  ", (printable(", ".join(one["dependency_types"])), QUIET))
        for one in found["cut_off"][:MOST_SHOWN]
    ]
    if rest := found["devices"] - len(found["cut_off"][:MOST_SHOWN]):
        lines.append(Text(f"  {rest:,} more", QUIET))
    return Group(*lines)


def change_of(found: Json) -> RenderableType:
    """Render what would follow if a dependency were saved or removed."""
    lines = [Text(printable(f"note: {remark}"), "yellow") for remark in found["remarks"]]
    for key, words in (
        ("suppressed", "would be suppressed now"),
        ("released", "would no longer be suppressed"),
    ):
        lines.append(Text(f"{found[f'alerts_{key}']:,} open alerts {words}"))
        lines += [Text(printable(f"  {one['device_name']}: {one['title']}"), QUIET) for one in found[key]]
    lines.append(
        Text(
            f"if it fails: {found['devices_cut_off']:,} devices more and {found['devices_freed']:,} fewer "
            f"would be cut off, of {found['affected']:,} at and behind the device"
        )
    )
    return Group(*lines)


def state_of(one: Json) -> Text:
    """Render the state of a device by its open alerts."""
    if not one["alerts"]:
        return Text("")
    status = "" if one["alert_status"] == "active" else f", {one['alert_status']}"
    return Text.assemble((one["severity"], COLOURS[one["severity"]]), (f" {one['alerts']}{status}", QUIET))


def _facts(one: Json, now: datetime) -> Iterator[tuple[str, Text]]:
    origin = one["origin"] or {}
    given: Sequence[tuple[str, object]] = (
        ("key", one["key"]),
        ("addresses", ", ".join(one["addresses"])),
        ("names", ", ".join(one["names"])),
        ("site", one["site"]),
        ("location", one["location"]),
        ("role", one["role"]),
        ("type", " ".join(filter(None, (one["manufacturer"], one["model"], one["device_type"])))),
        ("status", one["status"]),
        ("tags", ", ".join(one["tags"])),
        *one["custom_fields"].items(),
        ("needs", one["upstream"]),
        ("needed by", f"{one['dependents']:,}, {one['downstream']:,} of them directly"),
        ("cut off", ", ".join(each["dependency_type"] for each in one["cut_off"])),
        ("maintenance", ", ".join(each["name"] for each in one["maintenance"])),
        ("declared in", origin.get("file") or origin.get("kind")),
        ("inventory", origin.get("inventory")),
        ("its page there", origin.get("url")),
        ("last heard", one["last_heard_at"] and f"{age(one['last_heard_at'], now)} ago"),
    )
    yield "state", state_of(one) if one["alerts"] else Text("no open alert")
    for name, value in given:
        if value not in (None, ""):
            yield printable(name), Text(printable(str(value)))


def _branch(
    key: str, nodes: Mapping[str, Json], below: Mapping[str, Sequence[Json]], seen: set[str]
) -> Iterator[Text]:
    """Yield the lines of a device and of what needs it, depth first."""
    waiting: list[tuple[str, int, Json | None]] = [(key, 0, None)]
    while waiting:
        current, depth, edge = waiting.pop()
        if current in seen and edge is None:
            continue
        node, is_again = nodes[current], current in seen
        kind = "" if edge is None else _kind(edge)
        marks = [" cut" if edge and edge["is_cut"] else "", " cut off" if node["is_cut_off"] else ""]
        yield Text.assemble(
            f"{'  ' * depth}{printable(node['name'])}",
            (kind, QUIET),
            "  ",
            state_of(node),
            ("".join(marks), "red"),
            (" (see above)" if is_again and below.get(current) else "", QUIET),
        )
        if not is_again:
            seen.add(current)
            waiting += [(one["device"], depth + 1, one) for one in reversed(below.get(current, ()))]


def _kind(edge: Json) -> str:
    """Return the type of a dependency, if it is not the usual one, and whether it suppresses nothing."""
    parts = [] if edge["dependency_type"] == "network" else [edge["dependency_type"]]
    if not edge["is_sure"]:
        parts.append(_weight(edge))
    return f" ({', '.join(parts)})" if parts else ""


def _weight(row: Json) -> str:
    if row["missing_since"]:
        return "alternative: missing"
    if not row["is_sure"]:
        return f"alternative: confidence {row['confidence']:g}"
    return "one of several" if row["is_redundant"] else "the only one"


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style=QUIET)
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def _quiet(value: str | None) -> Text:
    return Text(printable(value or ""), QUIET)
