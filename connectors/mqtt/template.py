"""Texts of rules: `{device}` of the topic, `{value}`, `{payload.name}` of a JSON payload."""

from collections.abc import Mapping

from connectors.mqtt.payload import Payload, shown
from opsconductor.connector.path import MISSING
from opsconductor.connector.template import Template
from opsconductor.errors import DecodeError

LONGEST_VALUE = 200
UNKNOWN = "?"


class RuleText:
    """A text whose fields are filled in.

    Attributes:
        names: Of its fields.
        needs_payload: True when it takes something out of the payload.
    """

    def __init__(self, text: str) -> None:
        """Read a text; raises ValueError with what is wrong."""
        if "{$" in text:
            raise ValueError("a text such as {payload.device.name}; {$.device.name} is written that way")
        self._template = Template(text, write=lambda value: shown(value)[:LONGEST_VALUE], unknown=UNKNOWN)
        self.names = self._template.names
        self.needs_payload = bool(self.names & {"value", "payload"})

    def fill(self, captured: Mapping[str, str], value: object, payload: Payload | None) -> str:
        """Write the text; what is not there is written as `?`."""
        known: dict[str, object] = dict(captured)
        if "value" in self.names:
            known["value"] = None if value is MISSING else value
        if "payload" in self.names:
            known["payload"] = _document_of(payload)
        return self._template(known)


def _document_of(payload: Payload | None) -> object:
    try:
        return None if payload is None else payload.json
    except DecodeError:
        return None
