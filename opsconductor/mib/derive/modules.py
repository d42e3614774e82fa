"""From the notifications of a module to their mappings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from opsconductor.mib.derive.category import categories_of
from opsconductor.mib.derive.derived import DerivedMapping, Reason, StateRule
from opsconductor.mib.derive.identity import Reference, references_of
from opsconductor.mib.derive.lemmas import words
from opsconductor.mib.derive.naming import alert_types_of, prefix_of, title_of
from opsconductor.mib.derive.pair import Pair
from opsconductor.mib.derive.pairing import pairs_of
from opsconductor.mib.derive.roles import BY_NAMES, Context, RoleChoice, role_of
from opsconductor.mib.derive.severity import severity_of
from opsconductor.mib.derive.subjects import Subject, subject_of
from opsconductor.mib.derive.tokens import words_of
from opsconductor.mib.derive.values import worst
from opsconductor.mib.facts import NotificationFact, NotificationText, ObjectFact
from opsconductor.model.enums import Category, Severity

ACTIVE_FROM = 0.5
"""Confidence from which a derived mapping is active; below, it is a suggestion to be confirmed."""
BASE = 0.35
PROBLEM_EXPIRES = timedelta(days=1)
"""After so long without a repeat, a problem that nothing clears is over."""
EVENT_EXPIRES = timedelta(hours=1)

_MANY = words("""port peer link interface member session tunnel lsp user client station
    server outlet disk drive vlan instance service pool vserver path route circuit lun volume job
    neighbor ap node""")
"""Things that a device has many of."""
_CUTTING = words("onbattery powerdown shutdown")

Stated = tuple[NotificationFact, NotificationText]


def derive(notifications: Iterable[Stated], objects: Mapping[str, ObjectFact]) -> tuple[DerivedMapping, ...]:
    """Derive the mapping of each notification, module by module.

    Args:
        notifications: With the prose of their MIBs; of any number of modules.
        objects: Facts of their objects by OID.

    Returns:
        In the order of modules and of OIDs.
    """
    modules: dict[str, dict[str, Stated]] = defaultdict(dict)
    for fact, text in notifications:
        modules[fact.module].setdefault(fact.name, (fact, text))
    found: list[DerivedMapping] = []
    for module in sorted(modules):
        subjects = [subject_of(fact, text, objects) for fact, text in modules[module].values()]
        subjects.sort(key=lambda subject: [int(arc) for arc in subject.fact.oid.split(".")])
        found.extend(_with_expiry(tuple(_derive_module(subjects))))
    return tuple(found)


def _with_expiry(mappings: Sequence[DerivedMapping]) -> Iterator[DerivedMapping]:
    """Return the mappings, those with an expiry whose clears are suggestions only."""
    cleared = {name for each in mappings if each.confidence >= ACTIVE_FROM for name in each.clears}
    for each in mappings:
        is_ended = each.role != "problem" or each.expires_after or each.notification.name in cleared
        yield each if is_ended else replace(each, expires_after=PROBLEM_EXPIRES)


def _derive_module(subjects: Sequence[Subject]) -> Iterable[DerivedMapping]:
    safe, unsafe = pairs_of(subjects)
    context = _context(subjects, safe, unsafe)
    decided = categories_of(subjects)
    groups = _groups(safe)
    categories = {name: decided[groups.get(name, (name,))[0]][0] for name in decided}
    types = alert_types_of(subjects, groups, categories)
    prefix = prefix_of(subjects)
    references = _references(subjects, safe)
    for subject in subjects:
        role = role_of(subject, context)
        mine = references[subject.name]
        category = categories[subject.name]
        severity, why = _severity(subject, role)
        reasons = [role.reason, why, Reason("category", decided[subject.name][1], 0.0)]
        reasons.append(_resource_reason(subject, mine, is_paired=subject.name in context.clears))
        yield DerivedMapping(
            notification=subject.fact,
            role=role.name,
            alert_type=types[subject.name],
            severity=severity,
            category=category,
            title=title_of(subject, prefix, has_resource=bool(mine)),
            resource=tuple(str(reference) for reference in mine),
            clears=tuple(pair.problem.name for pair in context.clears.get(subject.name, ())),
            state=role.state,
            is_cutting=_is_cutting(subject, role, category, mine),
            expires_after=_expires(subject, role, context),
            confidence=round(min(1.0, max(0.0, BASE + sum(reason.weight for reason in reasons))), 2),
            reasons=tuple(reasons),
        )


def _context(subjects: Sequence[Subject], safe: Sequence[Pair], unsafe: Sequence[Pair]) -> Context:
    clears: dict[str, tuple[Pair, ...]] = {}
    for pair in safe:
        clears[pair.clear.name] = (*clears.get(pair.clear.name, ()), pair)
    ended = frozenset(pair.problem.name for pair in safe)
    return Context(
        clears=clears,
        ended=ended,
        unsafe_clears=frozenset(pair.clear.name for pair in unsafe) - clears.keys() - ended,
        unsafe_problems=frozenset(pair.problem.name for pair in unsafe) - ended - clears.keys(),
        is_by_names=len(clears) + len(ended) >= BY_NAMES * len(subjects),
    )


def _groups(pairs: Sequence[Pair]) -> dict[str, tuple[str, ...]]:
    """Return, for clears and problems that belong together, the names of the problems.

    Problems that one clear ends are stages of one thing, such as a warning and an alarm.
    """
    found: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        ends = (pair.clear.name, pair.problem.name)
        problems = [name for each in ends for name in found.get(each, ())]
        together = tuple(dict.fromkeys((*problems, pair.problem.name)))
        members = [name for name, other in found.items() if not set(other).isdisjoint(together)]
        found |= dict.fromkeys((*members, *ends), together)
    return found


def _references(subjects: Sequence[Subject], pairs: Sequence[Pair]) -> dict[str, tuple[Reference, ...]]:
    """Return what identifies the thing for each notification: in a pair, what both have."""
    found = {subject.name: references_of(subject) for subject in subjects}
    shared: dict[str, set[tuple[str, ...]]] = {}
    for pair in pairs:
        keys = {reference.key for reference in pair.references[0]}
        for name in (pair.problem.name, pair.clear.name):
            shared[name] = shared[name] & keys if name in shared else keys
    for name, keys in shared.items():
        found[name] = tuple(reference for reference in found[name] if reference.key in keys)
    return found


def _severity(subject: Subject, role: RoleChoice) -> tuple[Severity, Reason]:
    severity, why = severity_of(subject, role.name)
    is_vague = severity is Severity.INFO or why.rule.startswith("severity by role")
    if role.name == "stateful" and role.state is not None and is_vague:
        if role.reason.rule.startswith("severity"):
            return Severity.MINOR, Reason("severity by value", role.state.object, 0.0)
        return worst([severity for _, severity in role.state.severities]), Reason(
            "severity by value", role.state.object, 0.0
        )
    return severity, why


def _resource_reason(subject: Subject, references: Sequence[Reference], *, is_paired: bool) -> Reason:
    if references:
        return Reason("resource", ", ".join(str(reference) for reference in references), 0.1)
    if not _MANY.isdisjoint(subject.words) and any(not fact.index for fact in subject.objects):
        return Reason("resource", "the device, though it has many of these", -0.4 if is_paired else -0.2)
    return Reason("resource", "the device", 0.0 if subject.objects else 0.1)


def _is_cutting(
    subject: Subject, role: RoleChoice, category: Category, references: Sequence[Reference]
) -> bool:
    is_problem = role.name in ("problem", "stateful") and category is Category.POWER and not references
    words = set(words_of(subject.name))
    return is_problem and bool(words & _CUTTING or {"battery", "low"} <= words or {"output", "off"} <= words)


def _expires(subject: Subject, role: RoleChoice, context: Context) -> timedelta | None:
    if role.name == "event":
        return EVENT_EXPIRES
    return PROBLEM_EXPIRES if role.name == "problem" and subject.name not in context.ended else None


def severity_text(mapping: DerivedMapping) -> str:
    """Return the severity as `opsconductor mib mappings` prints it: `major`, `major|ifOperStatus=1`."""
    state: StateRule | None = mapping.state if mapping.role == "stateful" else None
    if state is None:
        return mapping.severity.value
    return f"{mapping.severity.value}|{state.object}={','.join(state.clear_values)}"
