"""Text output of the doctor's report. Control characters are escaped."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsconductor.model.text import printable
from opsconductor.selfcheck.doctor.sizes import size_text

Json = dict[str, Any]

COLOURS = {"ok": "green", "warning": "yellow", "bad": "bold red"}
FAINT = "bright_black"
COLUMNS = ("received", "rejected", "lost", "folded", "committed", "spooled", "gap")
"""Lines that fit a terminal of 80 columns during a storm; `--json` has every stage."""
REJECTED = ("refused", "undecodable", "duplicate", "discovery", "invalid")
LOST = ("kernel_drop", "dropped", "failed")
MOST_ALIKE, SHOWN_ALIKE = 5, 3
"""If more findings of an area share a remedy than the first number, only the second number is shown."""
MOST_REASONS = 8
MOST_SAMPLES = 5
SHOWN_DIGITS = 64
"""Hex digits shown of the beginning of a message, 32 bytes; `--json` has the rest."""


def page_of(report: Json) -> RenderableType:
    """Render findings, ledger and samples, with the verdict on the last line."""
    parts: list[RenderableType] = [_findings(report["findings"])]
    if report["ledger"] is not None and report["ledger"]["connectors"]:
        parts += [Text(), _ledger_title(report["ledger"]), *_ledger(report["ledger"])]
    if report["samples"]:
        parts += [Text(), Text("Messages that could not be decoded, the latest", style="bold")]
        parts.append(_samples(report["samples"]))
    if report["retention"]:
        parts += [Text(), Text("Retention", style="bold"), _retention(report["retention"])]
    return Group(*parts, Text(), _verdict(report["findings"]))


def _findings(findings: Sequence[Json]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for area, found in groupby(findings, key=lambda finding: finding["area"]):
        shown_area = area
        for (verdict, remedy), alike in _alike(found):
            shown = alike if len(alike) <= MOST_ALIKE else alike[:SHOWN_ALIKE]
            style = "" if verdict == "ok" else COLOURS[verdict]
            for finding in shown:
                table.add_row(
                    _text(verdict, COLOURS[verdict]), _text(shown_area), _text(finding["text"], style)
                )
                shown_area = ""
            if rest := len(alike) - len(shown):
                table.add_row("", "", _text(f"and {rest:,} more like these; --json shows all", FAINT))
            if remedy:
                table.add_row("", "", _text(f"-> {remedy}", FAINT))
    return table


def _alike(findings: Iterable[Json]) -> Iterable[tuple[tuple[str, str], list[Json]]]:
    """Group the findings of an area by verdict and remedy, in order of first appearance."""
    groups: dict[tuple[str, str], list[Json]] = {}
    for finding in findings:
        groups.setdefault((finding["verdict"], finding["remedy"]), []).append(finding)
    return groups.items()


def _ledger_title(ledger: Json) -> Text:
    since = ledger["since"]
    when = "since the start" if since is None else f"since {datetime.fromisoformat(since).astimezone():%H:%M}"
    return Text.assemble(("Loss ledger ", "bold"), (when, FAINT))


def _ledger(ledger: Json) -> Iterable[RenderableType]:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style=FAINT)
    table.add_column("connector", no_wrap=True)
    for name in COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for page in ledger["connectors"]:
        table.add_row(_text(page["connector"]), *_amounts(page))
    yield table
    for page in ledger["connectors"]:
        if page["reasons"]:
            yield _reasons(page)


def _amounts(page: Json) -> list[Text]:
    stages = page["stages"]
    sums = {
        "received": stages.get("received", 0),
        "rejected": _sum(stages, REJECTED),
        "lost": _sum(stages, LOST),
        "folded": stages.get("folded", 0),
        "committed": stages.get("committed", 0),
        "spooled": stages.get("spooled", 0),
        "gap": page["gap"],
    }
    styles = {"lost": COLOURS["warning"], "gap": COLOURS["bad"]}
    return [Text(f"{sums[name]:,}", style=styles.get(name, "") if sums[name] else FAINT) for name in COLUMNS]


def _reasons(page: Json) -> Text:
    shown = [
        f"{reason['stage']}{' ' if reason['reason'] else ''}{reason['reason']} {reason['amount']:,}"
        for reason in page["reasons"][:MOST_REASONS]
    ]
    rest = len(page["reasons"]) - len(shown)
    text = ", ".join(shown) + (f", and {rest} more reasons" if rest else "")
    return _text(f"  {page['connector']}: {text}", FAINT)


def _samples(samples: Sequence[Json]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for sample in samples[-MOST_SAMPLES:]:
        digits = sample["first_bytes"]
        table.add_row(
            _text(f"{datetime.fromisoformat(sample['at']).astimezone():%H:%M:%S}", FAINT),
            _text(sample["connector"]),
            _text(sample["peer"]),
            _text(sample["reason"]),
            _text(digits[:SHOWN_DIGITS] + ("..." if len(digits) > SHOWN_DIGITS else ""), FAINT),
        )
    return table


def _retention(kept: Sequence[Json]) -> RenderableType:
    """Render what is kept: the setting with its value, the day of the oldest row, the size."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=FAINT)
    for name in ("data", "setting", "kept for", "oldest row"):
        table.add_column(name, no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    for each in kept:
        table.add_row(
            _text(each["name"]),
            _text(each["setting"], FAINT),
            _text(each["length"]),
            _oldest(each),
            _text(size_text(each["bytes"])),
        )
    return table


def _oldest(kept: Json) -> Text:
    if kept["oldest_at"] is None:
        return _text("none" if kept["is_known"] else "takes too long", FAINT)
    return _text(f"{datetime.fromisoformat(kept['oldest_at']).astimezone():%Y-%m-%d}")


def _verdict(findings: Sequence[Json]) -> Text:
    bad = sum(finding["verdict"] == "bad" for finding in findings)
    warnings = sum(finding["verdict"] == "warning" for finding in findings)
    counts = f"{warnings} warning{'' if warnings == 1 else 's'}" if warnings else "no warnings"
    if bad:
        return Text(f"not healthy: {bad} bad, {counts}", style=COLOURS["bad"])
    return Text(f"healthy, {counts}", style=COLOURS["warning" if warnings else "ok"])


def _sum(stages: Json, names: Iterable[str]) -> int:
    return sum(stages.get(name, 0) for name in names)


def _text(value: object, style: str = "") -> Text:
    return Text(printable(str(value)), style=style)
