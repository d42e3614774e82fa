"""Decides which problem a trap reports, and which problems it ends."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple

from connectors.snmp_trap.ports import port_of
from opsconductor.mib.expression import MISSING, compile_expression, variable
from opsconductor.mib.names import convention_of, label_of, name_of
from opsconductor.model.enums import Category, Severity
from opsconductor.model.mapping import OidMapping
from opsconductor.model.port import with_port
from opsconductor.snmp.message import tlv
from opsconductor.snmp.message.trap import Varbind
from opsconductor.snmp.message.values import is_no_value, text_of

UNKNOWN_TRAP = "unknown_trap"
UNKNOWN_EXPIRES_AFTER = timedelta(hours=1)
LONGEST_TITLE = 255
LONGEST_RESOURCE = 255
LONGEST_VALUE = 200
LONGEST_IN_TITLE = 120
MOST_LINES = 24

Varbinds = tuple[Varbind, ...]


class TrapFinding(NamedTuple):
    """What a trap says about one problem.

    Attributes:
        port: Name of the affected port, if the trap tells it.
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


def judge(
    trap_oid: str, varbinds: Varbinds, *, mapping: OidMapping | None, cleared: Sequence[OidMapping]
) -> tuple[TrapFinding, ...]:
    """Decide what a trap says: the problem of its mapping, or that problems are over.

    A trap that a problem names as its clear ends that problem, also when nothing is mapped to the
    trap itself. When it is mapped to something that is no clear, it says both.

    Args:
        mapping: The trap's own mapping; None: it has none.
        cleared: The problems that name the trap as their clear.
    """
    if mapping is None:
        return _clears(cleared, varbinds, None) or (_unmapped(trap_oid, varbinds),)
    severity = _severity(mapping, varbinds)
    if not cleared:
        return (_finding(mapping, mapping, varbinds, severity),)
    clears = _clears(cleared, varbinds, mapping)
    if mapping.is_clear_event:
        return clears
    own = _finding(mapping, mapping, varbinds, severity)
    return (own, *(clear for clear in clears if _identity(clear) != _identity(own)))


def _identity(finding: TrapFinding) -> tuple[str, str]:
    return finding.alert_type, finding.resource


def _clears(
    cleared: Sequence[OidMapping], varbinds: Varbinds, mapping: OidMapping | None
) -> tuple[TrapFinding, ...]:
    """Make one clear for each problem, none twice."""
    clears: dict[tuple[str, str], TrapFinding] = {}
    for problem in cleared:
        clear = _finding(problem, mapping or problem, varbinds, Severity.CLEAR)
        clears.setdefault(_identity(clear), clear)
    return tuple(clears.values())


def _finding(problem: OidMapping, shown: OidMapping, varbinds: Varbinds, severity: Severity) -> TrapFinding:
    """Tell of one problem.

    Args:
        problem: Whose alert type and resource identify it.
        shown: The mapping whose words people read: for a clear, that of the clearing trap.
    """
    resource = _resource(problem.resource_expression, shown.resource_expression, varbinds)
    port = port_of(resource, varbinds)
    return TrapFinding(
        problem.alert_type,
        problem.category,
        severity,
        resource,
        _title(shown.title_template, resource, varbinds, port),
        _message(shown.description, varbinds),
        problem.is_cutting,
        problem.expires_after,
        port,
    )


def _unmapped(trap_oid: str, varbinds: Varbinds) -> TrapFinding:
    """Keep a trap that nothing is mapped to: people see its OID and can map it."""
    return TrapFinding(
        UNKNOWN_TRAP,
        Category.UNKNOWN,
        Severity.WARNING,
        trap_oid,
        f"Unmapped Trap - {{device_name}} {trap_oid}"[:LONGEST_TITLE],
        _message("", varbinds),
        is_cutting=False,
        expires_after=UNKNOWN_EXPIRES_AFTER,
    )


def _severity(mapping: OidMapping, varbinds: Varbinds) -> Severity:
    """Read the severity from the variable that tells it, if the mapping names one."""
    if mapping.is_clear_event:
        return Severity.CLEAR
    told = mapping.severity_map
    if told is None:
        return mapping.default_severity
    value = variable(told.varbind).fill(varbinds, _value)
    return told.values.get(value, mapping.default_severity)


def _resource(expression: str, fallback: str, varbinds: Varbinds) -> str:
    """Name what is affected as the problem does, or as the clear does if it lacks the variables.

    A resource longer than 255 characters keeps its beginning and gets a checksum of the whole.
    """
    if not expression:
        return ""
    resource = compile_expression(expression).fill(varbinds, _value)
    if MISSING in resource and fallback and fallback != expression:
        other = compile_expression(fallback).fill(varbinds, _value)
        resource = resource if MISSING in other else other
    if len(resource) <= LONGEST_RESOURCE:
        return resource
    checksum = sha256(resource.encode()).hexdigest()[:16]
    return f"{resource[: LONGEST_RESOURCE - 17]}#{checksum}"


def _title(template: str, resource: str, varbinds: Varbinds, port: str) -> str:
    """Write the title on one line of at most 255 characters; no placeholder is cut in two.

    A port is called by its name where that is known: people know no ifIndex.
    """
    title = compile_expression(template).fill(varbinds, _brief, resource=resource).strip()
    if port:
        title = with_port(title, resource, port)
    if len(title) <= LONGEST_TITLE:
        return title
    cut = title[: LONGEST_TITLE - 1]
    if cut.rfind("{") > cut.rfind("}"):
        cut = cut[: cut.rfind("{")]
    return f"{cut}…"


def _message(description: str, varbinds: Varbinds) -> str:
    """Write the description and one line for each variable: `ifOperStatus.7: down(2)`.

    Each line is printable; only the ends of lines are ours.
    """
    lines = [description] if description else []
    for oid, tag, content in varbinds[:MOST_LINES]:
        name, value = name_of(oid), _text(oid, tag, content)
        if len(value) > LONGEST_VALUE:
            value = f"{value[:LONGEST_VALUE]}…"
        elif name and tag == tlv.INTEGER:
            value = label_of(name, value)
        lines.append(f"{name or oid}: {value}")
    if len(varbinds) > MOST_LINES:
        lines.append(f"… and {len(varbinds) - MOST_LINES} more")
    return "\n".join(lines)


def _text(oid: str, tag: int, content: bytes) -> str:
    """Write a variable; what the MIB says of a string's type decides how its bytes are read."""
    return text_of(tag, content, convention_of(oid) if tag == tlv.OCTET_STRING else "")


def _value(oid: str, tag: int, content: bytes) -> str | None:
    return None if is_no_value(tag, content) else _text(oid, tag, content)


def _brief(oid: str, tag: int, content: bytes) -> str | None:
    """Write a value for a title: a long one is cut, so that the rest of the title keeps its place."""
    value = _value(oid, tag, content)
    return f"{value[:LONGEST_IN_TITLE]}…" if value and len(value) > LONGEST_IN_TITLE else value
