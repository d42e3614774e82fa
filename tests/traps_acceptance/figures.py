"""The figures of the acceptance of traps, and the cases behind each."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from opsconductor.model.enums import SEVERITY_RANK, Severity
from tests.traps_acceptance.play import Outcome

_OID = re.compile(r"\b\d+(?:\.\d+){6,}\b")
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd]|\\x[0-9a-f]{2}|0x[0-9a-f]{8}")
_RANK = SEVERITY_RANK


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A share of what is looked at.

    Attributes:
        target: In per cent; at least for what is right, less for what is wrong.
        misses: What misses the target, a line each.
    """

    name: str
    share: float
    target: float
    is_least: bool
    looked_at: int
    misses: Sequence[str]

    @property
    def is_met(self) -> bool:
        """Check the target."""
        return self.share >= self.target if self.is_least else self.share < self.target


def figures_of(outcomes: Sequence[Outcome]) -> list[Figure]:
    """Return all figures."""
    problems = [each for each in outcomes if each.label.role == "problem"]
    quiet = [each for each in outcomes if each.label.role != "problem"]
    felt = [each for each in problems if _RANK[each.label.least] >= _RANK[Severity.WARNING]]
    known = [each for each in outcomes if each.is_known]
    grave = [each for each in problems if _RANK[each.label.least] >= _RANK[Severity.MAJOR]]
    certain = [each for each in outcomes if each.label.ends and each.label.is_sure]
    by_step = {(each.vendor, each.case, each.number): each for each in outcomes}
    apart = [
        (each, by_step[each.vendor, each.case, other]) for each in outcomes for other in each.label.apart
    ]
    return [
        _least("mapped and named", 98, outcomes, is_mapped_and_named),
        _least("mapped and named, of what the MIBs that ship define", 98, known, is_mapped_and_named),
        _least("readable: a title without OID, no binary", 98, outcomes, is_readable),
        _most("info shown as warning or worse", 15, quiet, lambda each: _at_least(each, Severity.WARNING)),
        _most("errors shown below major", 15, grave, lambda each: not _at_least(each, Severity.MAJOR)),
        _most("warnings and errors hushed to info", 5, felt, is_hushed),
        _least("clears that end exactly their problem", 95, certain, is_ended_exactly),
        _pairs("two problems under one OID kept apart", 95, apart),
        _most("wrong resolves", 0.001, outcomes, is_wrong_resolve),
        _least("severity within the label", 80, problems, is_rated),
    ]


def is_mapped_and_named(each: Outcome) -> bool:
    """A mapping made the report, and its title names no OID."""
    return each.is_mapped and is_readable(each)


def is_readable(each: Outcome) -> bool:
    """The title has words and no OID; title and message hold no octets that are no text."""
    has_words = re.search(r"[^\W\d_]{3}", each.title) is not None
    return has_words and not _OID.search(each.title) and not _UNREADABLE.search(each.title)


def is_hushed(each: Outcome) -> bool:
    """A problem is shown as information, or not at all."""
    return not _at_least(each, Severity.WARNING)


def is_ended_exactly(each: Outcome) -> bool:
    """The clear ends the alert of its problem, no other, and opens none."""
    return each.ended == {each.label.ends} and not each.opened


def is_wrong_resolve(each: Outcome) -> bool:
    """The trap ends an alert of another problem."""
    return bool(each.ended - {each.label.ends})


def is_rated(each: Outcome) -> bool:
    """The severity is one that the label allows."""
    return _RANK[each.label.least] <= _RANK[each.shown] <= _RANK[each.label.most]


def line_of(each: Outcome) -> str:
    """Return an outcome as a line."""
    label = each.label
    wanted = f"{label.least}..{label.most}" if label.role == "problem" else str(label.ends or "")
    seen = f"{each.shown}{' ended ' + str(sorted(each.ended)) if each.ended else ''}"
    mapped = "" if each.is_mapped else " (unmapped)"
    case = f"{each.vendor}: {each.case} {each.number}"
    return f"{case} [{label.role} {wanted}] -> {seen} {len(each.opened)} open{mapped}: {each.title}"


def _at_least(each: Outcome, severity: Severity) -> bool:
    return _RANK[each.shown] >= _RANK[severity]


def _least(name: str, target: float, among: Sequence[Outcome], is_right: Callable[[Outcome], bool]) -> Figure:
    misses = [line_of(each) for each in among if not is_right(each)]
    share = 100 * (1 - len(misses) / len(among)) if among else 100
    return Figure(name=name, share=share, target=target, is_least=True, looked_at=len(among), misses=misses)


def _most(name: str, target: float, among: Sequence[Outcome], is_wrong: Callable[[Outcome], bool]) -> Figure:
    misses = [line_of(each) for each in among if is_wrong(each)]
    share = 100 * len(misses) / len(among) if among else 0
    return Figure(name=name, share=share, target=target, is_least=False, looked_at=len(among), misses=misses)


def _pairs(name: str, target: float, apart: Sequence[tuple[Outcome, Outcome]]) -> Figure:
    misses = [line_of(each) for each, other in apart if not each.opened or each.opened & other.opened]
    share = 100 * (1 - len(misses) / len(apart)) if apart else 100
    return Figure(name=name, share=share, target=target, is_least=True, looked_at=len(apart), misses=misses)


def by_vendor(outcomes: Iterable[Outcome]) -> Mapping[str, list[Outcome]]:
    """Return the outcomes of each vendor."""
    found: dict[str, list[Outcome]] = {}
    for each in outcomes:
        found.setdefault(each.vendor, []).append(each)
    return found
