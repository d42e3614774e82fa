"""Text output of the report on mappings."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from opsconductor.cli.terminal.moment import shown
from opsconductor.mapping_report.clears import LastingFinding, UnmatchedFinding
from opsconductor.mapping_report.finding import FindingKind, ResourceFinding
from opsconductor.mapping_report.learning import LearnedPair
from opsconductor.mapping_report.missing import UnmappedFinding
from opsconductor.mapping_report.proposal import Proposal
from opsconductor.mapping_report.report import MappingReport
from opsconductor.model.text import printable

MOST_SHOWN = 10
MOST_DEVICES = 3
QUIET = "bright_black"

Lines = Iterator[Text]


def report_of(report: MappingReport) -> RenderableType:
    """Render a report: the most important of each kind, with what can be done."""
    merged = [each for each in report.resources if each.kind is FindingKind.OVER_MERGE]
    split = [each for each in report.resources if each.kind is FindingKind.OVER_SPLIT]
    lines = [
        *_head(report),
        *_section(
            f"Clears that ended nothing ({report.unmatched_total:,})",
            [list(_unmatched(each)) for each in report.unmatched],
        ),
        *_section("Problems that no clear has ended", [list(_lasting(each)) for each in report.lasting]),
        *_section("Traps without a mapping", [list(_unmapped(each)) for each in report.unmapped]),
        *_section("Alerts that merge several faults", [list(_resource(each)) for each in merged]),
        *_section("Faults that are split into many alerts", [list(_resource(each)) for each in split]),
        *_section("Pairs learned from history", [list(_pair(each)) for each in report.pairs]),
    ]
    if any(report.proposals):
        lines += [
            Text(),
            Text("To preview and apply a proposal by its ID:", QUIET),
            Text("  opsconductor mappings report --preview ID", QUIET),
            Text("  opsconductor mappings report --yaml ID | opsconductor apply -", QUIET),
        ]
    return Group(*lines)


def _head(report: MappingReport) -> Lines:
    read = report.archive
    yield Text(f"since {shown(report.since)}: {read.events:,} messages read in {report.took_s:.1f} s")
    if read.limited_by and read.begin:
        option = "--events" if read.limited_by == "events" else "--time-limit"
        yield _warning(f"only those since {shown(read.begin)} were read, see {option}")
    if read.not_kept:
        yield _warning(f"{read.not_kept:,} more messages were counted but not kept, as in a storm")
    if read.unreadable:
        yield _warning(f"{read.unreadable:,} messages cannot be decoded")
    for connector, why in report.faults.items():
        yield _warning(f"messages of connector {connector} are left out: {why}")
    if report.without_preview:
        yield _warning(f"{report.without_preview} proposals without preview: the time limit was reached")


def _section(title: str, entries: Sequence[Sequence[Text]]) -> Lines:
    yield Text()
    yield Text(title, style="bold")
    if not entries:
        yield Text("nothing", QUIET)
    for lines in entries[:MOST_SHOWN]:
        yield from lines
    if (rest := len(entries) - MOST_SHOWN) > 0:
        yield Text(f"and {rest} more: see --json", QUIET)


def _unmatched(each: UnmatchedFinding) -> Lines:
    by = f", by {', '.join(each.trap_oids)}" if each.trap_oids else ""
    resources = f" {each.resources[0]}" if each.resources and each.resources[0] else ""
    yield _line(
        f"{each.count:,}x {each.device} {each.alert_type}{resources}{by}, last {shown(each.last_at)}",
        "yellow" if each.is_fault else "",
    )
    yield _note(each.reason)


def _lasting(each: LastingFinding) -> Lines:
    yield _line(f"{each.device} {each.alert_type} {each.resource}".rstrip() + f", since {shown(each.since)}")
    yield _note(f"would be ended by {each.clear}; {each.reason}")


def _unmapped(each: UnmappedFinding) -> Lines:
    name = f" {each.name}" if each.name else ""
    maker = f" ({each.maker})" if each.maker else ""
    devices = _devices(each.some_devices, each.devices)
    yield _line(f"{each.count:,}x {each.trap_oid}{name}{maker} from {devices}")
    yield _note(each.remedy)
    if each.proposal:
        yield _note(f"proposal {each.proposal.id}, derived with confidence {each.confidence:.2f}")


def _resource(each: ResourceFinding) -> Lines:
    devices = _devices(each.devices, len(each.devices))
    what = f"{each.messages:,} messages of {each.alert_type} from {devices} are {_alerts(each.alerts)}"
    yield _line(what)
    for found in each.varying:
        examples = ", ".join(found.examples)
        yield _note(f"{found.name} has {found.values:,} values ({examples}): {found.why}")
    if each.note:
        yield _note(f"nothing is proposed: {each.note}")
    yield from _proposed(each.proposal, each.preview.text if each.preview else "")


def _pair(each: LearnedPair) -> Lines:
    yield _line(
        f"{each.clear} followed {each.problem} {each.followed} times (of {each.problems} and {each.clears}),"
        f" after {each.median_s:.0f} s (median); confidence {each.confidence:.2f};"
        f" from {_devices(each.devices, len(each.devices))}"
    )
    if each.note:
        yield _note(f"nothing is proposed: {each.note}")
    yield from _proposed(each.proposal, each.preview.text if each.preview else "")


def _proposed(proposal: Proposal | None, preview: str) -> Lines:
    if proposal is None:
        return
    expression = proposal.resource_expression or "'' (the device)"
    yield _note(f"proposal {proposal.id}: resource_expression: {expression}")
    if preview:
        yield _note(preview)


def _devices(names: Iterable[str], number: int) -> str:
    some = list(names)[:MOST_DEVICES]
    rest = number - len(some)
    return ", ".join(some) + (f" and {rest} more" if rest > 0 else "")


def _alerts(number: int) -> str:
    return f"{number:,} alert{'' if number == 1 else 's'}"


def _line(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style)


def _note(text: str) -> Text:
    return Text(f"    {printable(text)}", QUIET)


def _warning(text: str) -> Text:
    return Text(printable(f"! {text}"), style="yellow")
