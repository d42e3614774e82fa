"""Text output of the explanation of a trap."""

from collections.abc import Iterator, Mapping
from typing import Any

from opsconductor.model.text import printable

Json = Mapping[str, Any]


def text_of(found: Json) -> str:
    """Return an explanation as lines."""
    return "\n".join(printable(line) for line in _lines(found))


def _lines(found: Json) -> Iterator[str]:
    trap = found["trap"]
    named = f"{trap['name']} ({trap['oid']})" if trap["name"] else trap["oid"]
    yield f"trap {named}" + (f" of vendor {trap['vendor']}" if trap["vendor"] else "")
    yield "mappings, in order of precedence:" if found["candidates"] else "no mapping matches"
    for candidate in found["candidates"]:
        yield from _candidate(candidate)
    if trap["peer"] is None:
        yield "its variables are not known: what they decide is left open"
    for report in found["reports"]:
        yield from _report(report)
    for problem in found["clears"]:
        name = problem["name"] or problem["oid_pattern"]
        yield f"clears {name}: {problem['alert_type']} ({problem['place']})"
    if found["cleared_by"]:
        yield "is cleared by:"
        yield from (f"  {each['text']}" for each in found["cleared_by"])
    if found["derived"]:
        yield from _derived(found["derived"])


def _candidate(candidate: Json) -> Iterator[str]:
    mark = ">" if candidate["decides"] else " "
    yield (
        f"{mark} {candidate['origin']} {candidate['oid_pattern']} {candidate['name']}".rstrip()
        + f" ({candidate['place']}): {candidate['why']}"
    )
    for condition in candidate["conditions"]:
        verdict = "holds" if condition["holds"] else "does not hold"
        yield f"      {condition['text']}: found {condition['value']}, {verdict}"
    if candidate["case"] is not None:
        yield f"      case {candidate['case']} applies"
    if candidate["decides"]:
        what = "clears" if candidate["is_clear"] else f"makes, severity {candidate['severity']},"
        yield f"      {what} {candidate['alert_type']}: {candidate['title_template']}"
        yield f"      resource {candidate['resource_expression'] or '(the device)'}"


def _report(report: Json) -> Iterator[str]:
    what = "clear of" if report["is_clear"] else report["severity"]
    yield f"makes {what} {report['alert_type']}: {report['title']}"
    yield f"      device {report['device'] or '(not known)'}, resource {report['resource'] or '(the device)'}"
    yield f"      fingerprint {report['fingerprint']}"


def _derived(derived: Json) -> Iterator[str]:
    force = "a suggestion only" if derived["is_suggestion"] else "in force where nothing else maps the trap"
    yield f"derived from its MIB: {derived['role']}, confidence {derived['confidence']:.2f}, {force}"
    yield from (f"      {reason}" for reason in derived["reasons"])
