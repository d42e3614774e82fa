"""Documents of any shape, read by the configured mapping."""

from collections.abc import Sequence
from functools import partial

from connectors.webhook_in.config import ItemMapping
from connectors.webhook_in.expression import Find, Read, compile_expression, compile_items
from connectors.webhook_in.fields import moment, text
from connectors.webhook_in.formats.shape import one_or_many
from connectors.webhook_in.report import Format, Reading, SourceReport
from connectors.webhook_in.words import is_over, own_category, severity_of
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.model.enums import Severity

FIELDS = tuple(name for name in ItemMapping.model_fields if name not in ("items", "measures"))


def format_of(mapping: ItemMapping) -> Format:
    """Compile a mapping."""
    reads = {
        name: compile_expression(expression)
        for name in FIELDS
        if (expression := getattr(mapping, name)) not in (None, "")
    }
    items = one_or_many if mapping.items is None else partial(_found, compile_items(mapping.items))
    return Format(items, partial(_read, reads))


def _found(find: Find, document: object) -> Sequence[object]:
    try:
        return find(document)
    except NormalizeError as error:
        raise DecodeError("wrong_shape", str(error)) from error


def _read(reads: dict[str, Read], item: object, document: object, reading: Reading) -> SourceReport:
    values = {name: read(item, document) for name, read in reads.items()}
    what = text(values.get("alert_type"))
    if not what:
        raise NormalizeError("no_alert_type", "the mapping finds no alert_type")
    word = text(values.get("severity"))
    severity = severity_of(word, reading.words, reading.config.default_severity)
    if "clear" in values:
        if is_over(text(values["clear"])):
            severity = Severity.CLEAR
        elif severity is Severity.CLEAR:
            severity = Severity.INFO
    return SourceReport(
        device=text(values.get("device")),
        what=what,
        category=own_category(what),
        severity=severity,
        resource=text(values.get("resource")),
        title=text(values.get("title")) or what.replace("_", " "),
        message=text(values.get("message")),
        at=moment(values.get("occurred_at"), reading.zone),
        problem_id=text(values.get("source_alert_id")),
    )
