"""Texts with names in braces: `{device}` of the topic, `{value}`, `{$.name}` of a JSON payload."""

import re
from collections.abc import Mapping

from connectors.mqtt.payload import Payload, shown
from opsconductor.connector.path import MISSING, Path, read_path, walk
from opsconductor.errors import DecodeError

FIELD = re.compile(r"\{([a-z][a-z0-9_]*|\$[^{}]*)\}")
DOWNSTREAM = "device_name"
"""Filled in once the device is identified."""
LONGEST_VALUE = 200
UNKNOWN = "?"


class Template:
    """A text whose fields are filled in.

    Attributes:
        names: Of its fields, without those that are paths.
        needs_payload: True when it takes something out of the payload.
    """

    def __init__(self, text: str) -> None:
        """Read a text; raises ValueError for a path that is none."""
        pieces = FIELD.split(text)
        self._start = pieces[0]
        self._fields: list[tuple[str | Path, str]] = []
        for field, after in zip(pieces[1::2], pieces[2::2], strict=True):
            self._fields.append((read_path(field) if field.startswith("$") else field, after))
        self.names = {field for field, _ in self._fields if isinstance(field, str)}
        self.needs_payload = "value" in self.names or any(
            isinstance(field, tuple) for field, _ in self._fields
        )

    def fill(self, captured: Mapping[str, str], value: object, payload: Payload | None) -> str:
        """Write the text; what is not there is written as `?`."""
        if not self._fields:
            return self._start
        text = [self._start]
        for field, after in self._fields:
            if isinstance(field, tuple):
                text.append(_from_payload(payload, field))
            elif field == "value":
                text.append(UNKNOWN if value is MISSING else shown(value)[:LONGEST_VALUE])
            elif field == DOWNSTREAM:
                text.append("{device_name}")
            else:
                text.append(captured.get(field, UNKNOWN))
            text.append(after)
        return "".join(text).strip()


def _from_payload(payload: Payload | None, path: Path) -> str:
    if payload is None:
        return UNKNOWN
    try:
        value = walk(payload.json, path)
    except DecodeError:
        return UNKNOWN
    return UNKNOWN if value is MISSING else shown(value)[:LONGEST_VALUE]
