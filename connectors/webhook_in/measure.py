"""Numbers of posts, recorded as series; pure."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from math import isfinite

from connectors.webhook_in.config import ItemMapping, ItemMeasure
from connectors.webhook_in.expression import Read, compile_expression
from connectors.webhook_in.fields import is_address, moment, text
from connectors.webhook_in.report import Format
from opsconductor.errors import NormalizeError
from opsconductor.model.measured.measurement import Measurement


class PostMeasurer:
    """Reads the numbers that a mapping records.

    Args of the constructor:
        zone: Of times without one; None: such times are ignored.
    """

    def __init__(self, mapping: ItemMapping, form: Format, zone: tzinfo | None) -> None:
        self._items = form.items
        self._zone = zone
        self._device = compile_expression(mapping.device)
        self._at = None if mapping.occurred_at is None else compile_expression(mapping.occurred_at)
        self._measures = [(each, *_compiled(each, mapping)) for each in mapping.measures]

    def measured(self, document: object, received_at: datetime) -> Iterator[Measurement]:
        """Yield the numbers of all alerts of a document; what is no number is left out."""
        for item in self._items(document):
            device = text(_read(self._device, item, document))
            if not device:
                continue
            at = moment(_read(self._at, item, document), self._zone) or received_at
            address = device if is_address(device) else None
            for measure, value, resource in self._measures:
                number = _number(_read(value, item, document))
                if number is not None:
                    yield Measurement(
                        metric=measure.record.metric,
                        value=number,
                        at=at,
                        device_ip=address,
                        device_name=None if address else device,
                        resource=text(_read(resource, item, document)),
                        unit=measure.record.unit,
                        kind=measure.record.kind,
                    )


def _compiled(measure: ItemMeasure, mapping: ItemMapping) -> tuple[Read, Read]:
    resource = mapping.resource if measure.resource is None else measure.resource
    return compile_expression(measure.value), compile_expression(resource)


def _read(read: Read | None, item: object, document: object) -> object:
    """Return what an expression finds; None if it fails, which the report of the alert says."""
    try:
        return None if read is None else read(item, document)
    except NormalizeError:
        return None


def _number(value: object) -> float | None:
    """Return a finite number, also one written as text; None: it is none."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and isfinite(number) else None
