"""Row filters: which alerts and devices a user may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_FILTER = 50
"""Maximum number of values of a field of a row filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFilter:
    """What a user is limited to; within a field any value matches, an empty field limits nothing.

    Attributes:
        site: Sites of the device, by the present inventory.
        tag: Tags of the alert or of its device.
        custom_fields: Values by the name of a custom field of the alert or of its device.
    """

    site: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    custom_fields: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def limits(self) -> bool:
        """Return whether anything is limited."""
        return bool(self.site or self.tag or self.custom_fields)

    def document(self) -> dict[str, Any] | None:
        """Return the filter JSON-ready, as `row_filter` in the database; None: it limits nothing."""
        if not self.limits:
            return None
        fields = {name: list(values) for name, values in self.custom_fields}
        return {"site": list(self.site), "tag": list(self.tag), "custom_fields": fields}


NO_LIMIT = RowFilter()

RowScope = tuple[tuple[RowFilter, ...], ...]
"""What a caller is limited to: of every group at least one filter matches; empty: nothing is limited."""


def row_filter_of(document: Mapping[str, Any] | None) -> RowFilter:
    """Return the filter of a JSON document, as `RowFilter.document` makes it; None: it limits nothing."""
    if document is None:
        return NO_LIMIT
    fields = document.get("custom_fields") or {}
    return RowFilter(
        site=tuple(document.get("site") or ()),
        tag=tuple(document.get("tag") or ()),
        custom_fields=tuple((name, tuple(values)) for name, values in sorted(fields.items())),
    )


def texts_of(value: object) -> tuple[str, ...]:
    """Return the values of a custom field that a filter is compared with; a list has several."""
    if isinstance(value, list | tuple):
        return tuple(text for each in value for text in texts_of(each))
    if isinstance(value, bool):
        return ("true" if value else "false",)
    return (str(value),) if isinstance(value, str | int) else ()
