"""Evaluation of traps: the problem that a trap reports and the problems that it clears."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from connectors.snmp_trap.reading import TrapReading
from opsconductor.mib.expression import MISSING
from opsconductor.mib.unmapped import PROBLEM_EXPIRES_AFTER, identifiers_of, read_unmapped, said_severity
from opsconductor.model.enums import CLEAR, INFO, Category, Severity
from opsconductor.model.inventory.port import with_port
from opsconductor.model.mappings.mapping import OidMapping, Origin
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.text import without_placeholders

UNKNOWN_TRAP = "unknown_trap"
LONGEST_TITLE = 255
LONGEST_RESOURCE = 255
LONG_INSTANCE = 6
"""Arcs from which an instance in a title is shown with its strings and addresses readable."""
MOST_TEMPLATES = 4_096

DERIVED = Origin.DERIVED
"""Looked up once, see `CLEAR`."""
_BEFORE_RESOURCE = re.compile(r"[A-Za-z] \{resource\}")
_BEFORE_VARIABLE = re.compile(r"[A-Za-z]{3} \{(?!device_name\})")
_TWICE = re.compile(r"\b([A-Za-z]{3,}) (?=\1\b)", re.IGNORECASE)
_LONG_INSTANCE = re.compile(rf"(?<![\w.])[0-9]+(?:\.[0-9]+){{{LONG_INSTANCE - 1},}}(?![\w.])")


class TrapFinding(NamedTuple):
    """What a trap reports about one problem.

    Attributes:
        port: Name of the affected port, if the trap carries it.
    """

    alert_type: str
    category: Category
    severity: Severity
    resource: str
    title: str
    message: str
    is_cutting: bool
    expires_after: timedelta | None
    port: str = ""


class TrapIdentity(NamedTuple):
    """What names a trap that no mapping knows.

    Attributes:
        name: Of the notification; empty when it is not known.
        maker: Vendor or enterprise, for people; empty when it is not known.
    """

    trap_oid: str
    name: str = ""
    maker: str = ""


class Applying(NamedTuple):
    """What a trap is evaluated by, under one table for one vendor.

    Attributes:
        mapping: The trap's own mapping; None: it has none.
        cleared: The problems that name the trap as their clear.
    """

    mappings: MappingTable
    vendor: str | None
    mapping: OidMapping | None
    cleared: Sequence[OidMapping]
    identity: TrapIdentity


def evaluate(
    trap: TrapIdentity, reading: TrapReading, *, mapping: OidMapping | None, cleared: Sequence[OidMapping]
) -> tuple[TrapFinding, ...]:
    """Return what a trap reports: the problem of its mapping, and the problems that it clears.

    A trap that a problem names as its clear clears that problem, even if the trap has no mapping of its
    own. If it has one that is not a clear, both are reported.

    A derived mapping clears nothing when the trap lacks what identifies the problem: it is then as if it had
    no mapping.

    Args:
        trap: Names it when nothing maps it.
        mapping: The trap's own mapping; None: it has none.
        cleared: The problems that name the trap as their clear.
    """
    return _reported(reading, mapping, cleared) or (_unmapped(trap, reading),)


def _reported(
    reading: TrapReading, mapping: OidMapping | None, cleared: Sequence[OidMapping]
) -> tuple[TrapFinding, ...]:
    if mapping is None:
        return _clears(cleared, reading, None)
    if mapping.origin is DERIVED:
        mapping = _heard(mapping, reading)
    severity = _severity(mapping, reading)
    if not cleared:
        return _findings(mapping, mapping, reading, severity)
    clears = _clears(cleared, reading, mapping)
    if mapping.is_clear_event:
        return clears
    own = _findings(mapping, mapping, reading, severity)
    known = {_identity(finding) for finding in own}
    return (*own, *(clear for clear in clears if _identity(clear) not in known))


def _heard(mapping: OidMapping, reading: TrapReading) -> OidMapping:
    """Return a mapping that was derived to be information, with the severity that the trap itself states."""
    is_info = mapping.default_severity is INFO and mapping.severity_map is None
    said = said_severity(reading.shown()) if is_info else None
    if said is None or said is INFO:
        return mapping
    return replace(mapping, default_severity=said, expires_after=PROBLEM_EXPIRES_AFTER)


def _identity(finding: TrapFinding) -> tuple[str, str]:
    return finding.alert_type, finding.resource


def _clears(
    cleared: Sequence[OidMapping], reading: TrapReading, mapping: OidMapping | None
) -> tuple[TrapFinding, ...]:
    """Return one clear for each problem, without duplicates."""
    clears: dict[tuple[str, str], TrapFinding] = {}
    for problem in cleared:
        for clear in _findings(problem, mapping or problem, reading, CLEAR):
            clears.setdefault(_identity(clear), clear)
    return tuple(clears.values())


def _findings(
    problem: OidMapping, shown: OidMapping, reading: TrapReading, severity: Severity
) -> tuple[TrapFinding, ...]:
    """Return the findings for one problem, one for each of its resources.

    The resource of a derived mapping gets what distinguishes problems where the trap lacks its variables, or
    where it has none and nothing clears the problem.

    Args:
        problem: The mapping whose alert type and resources identify it.
        shown: The mapping whose texts are shown: for a clear, that of the clearing trap.
    """
    first = _resource(problem.resource_expression, shown.resource_expression, reading)
    if problem.origin is DERIVED:
        is_missing = MISSING in first
        if is_missing and severity is CLEAR:
            return ()
        if is_missing or not (first or problem.expires_after is None or severity is CLEAR):
            first = _fitted(" ".join(filter(None, (first, *identifiers_of(reading.shown())))))
    if not problem.more_resources:
        return (_finding(problem, shown, reading, severity, first),)
    more = (_resource(expression, "", reading) for expression in problem.more_resources)
    resources = dict.fromkeys((first, *(resource for resource in more if MISSING not in resource)))
    return tuple(_finding(problem, shown, reading, severity, resource) for resource in resources)


def _finding(
    problem: OidMapping, shown: OidMapping, reading: TrapReading, severity: Severity, resource: str
) -> TrapFinding:
    port = reading.port(resource)
    is_derived = problem.origin is DERIVED
    shown_resource = _shown_resource(problem, resource, reading) if is_derived else resource
    return TrapFinding(
        problem.alert_type,
        problem.category,
        severity,
        resource,
        _title(shown.title_template, shown_resource, reading, port),
        _message(shown.description, reading) if shown.description else reading.listing(),
        problem.is_cutting,
        problem.expires_after,
        port,
    )


def _unmapped(trap: TrapIdentity, reading: TrapReading) -> TrapFinding:
    """Return the finding for a trap without mapping: what can be read from it, and its OID."""
    said = read_unmapped(trap.name, reading.shown())
    what = without_placeholders(said.what or _anonymous(trap, said.hints))
    title = f"{trap.maker}: {what}" if trap.maker else what
    ending = " - {device_name}"
    resource = " ".join((trap.trap_oid, *said.identifiers))
    return TrapFinding(
        UNKNOWN_TRAP,
        Category.UNKNOWN,
        said.severity,
        _fitted(resource),
        _shortened(title, LONGEST_TITLE - len(ending)) + ending,
        _message("", reading),
        is_cutting=False,
        expires_after=said.expires_after,
    )


def _anonymous(trap: TrapIdentity, hints: Sequence[str]) -> str:
    """Return a title for an unmapped trap from its OID and its short texts."""
    if not (hints and trap.maker):
        return f"unknown trap {trap.trap_oid}"
    return f"{', '.join(hints)} (unknown trap {trap.trap_oid.rpartition('.')[2]})"


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _severity(mapping: OidMapping, reading: TrapReading) -> Severity:
    """Return the severity from the variable that carries it, if the mapping names one."""
    if mapping.is_clear_event:
        return CLEAR
    by_value = mapping.severity_map
    if by_value is None:
        return mapping.default_severity
    value = reading.value(by_value.varbind)
    return by_value.values.get(value, mapping.default_severity)


def _resource(expression: str, fallback: str, reading: TrapReading) -> str:
    """Return the resource by the problem's mapping, or by the clear's if it lacks the variables.

    A resource longer than 255 characters is truncated and gets a checksum of the whole.
    """
    if not expression:
        return ""
    resource = reading.text(expression)
    if MISSING in resource and fallback and fallback != expression:
        other = reading.text(fallback)
        resource = resource if MISSING in other else other
    return resource if len(resource) <= LONGEST_RESOURCE else _fitted(resource)


def _shown_resource(problem: OidMapping, resource: str, reading: TrapReading) -> str:
    """Return a resource for a title: labels and names in place of numbers and OIDs."""
    expression = problem.resource_expression
    if not expression or reading.text(expression) != resource:
        return resource
    return reading.brief(expression, "")


def _fitted(resource: str) -> str:
    """Return a resource, truncated and with a checksum of the whole if it is too long."""
    if len(resource) <= LONGEST_RESOURCE:
        return resource
    checksum = sha256(resource.encode()).hexdigest()[:16]
    return f"{resource[: LONGEST_RESOURCE - 17]}#{checksum}"


def _title(template: str, resource: str, reading: TrapReading, port: str) -> str:
    """Return the title on one line of at most 255 characters; no placeholder is split.

    A port is shown by its name where that is known. Behind a noun a resource is shown without its label (`BGP
    peer 10.0.0.2`), and a noun is not repeated with which a value begins (`Fan Fan 1`).
    """
    is_named, may_repeat = _nouns(template)
    title = reading.brief(template, _unlabelled(resource) if is_named else resource).strip()
    if may_repeat:
        title = _TWICE.sub("", title)
    if title.count(".") >= LONG_INSTANCE:
        title = _LONG_INSTANCE.sub(lambda found: reading.instance(found[0]), title)
    if port:
        title = with_port(title, resource, port)
    if len(title) <= LONGEST_TITLE:
        return title
    cut = title[: LONGEST_TITLE - 1]
    if cut.rfind("{") > cut.rfind("}"):
        cut = cut[: cut.rfind("{")]
    return f"{cut}…"


@lru_cache(maxsize=MOST_TEMPLATES)
def _nouns(template: str) -> tuple[bool, bool]:
    """Return whether a word stands before the resource, and before any variable."""
    return bool(_BEFORE_RESOURCE.search(template)), bool(_BEFORE_VARIABLE.search(template))


def _unlabelled(resource: str) -> str:
    """Return the value of a resource that is one label and a value; a port keeps its label."""
    label, sign, value = resource.partition("=")
    return value if sign and label != "ifIndex" and "=" not in value else resource


def _message(description: str, reading: TrapReading) -> str:
    """Return the description, followed by one line for each variable.

    Each line is printable; line ends never come from the trap.
    """
    listing = reading.listing()
    return f"{description}\n{listing}" if description and listing else description or listing
