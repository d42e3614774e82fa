"""Texts of rules: `{device}` of the topic, `{value}`, `{payload.name}` of a JSON payload."""

from collections.abc import Mapping

from connectors.mqtt.payload import Payload, shown
from opsconductor.connector.language.path import MISSING
from opsconductor.connector.language.template import Template
from opsconductor.errors import DecodeError

LONGEST_VALUE = 200
UNKNOWN = "?"


class RuleText:
    """A text with placeholders.

    Attributes:
        names: Of its placeholders.
        needs_payload: True if it uses the payload.
    """

    def __init__(self, text: str) -> None:
        """Parse a text; raises ValueError with what is wrong."""
        if "{$" in text:
            raise ValueError("a text such as {payload.device.name}, not {$.device.name}")
        self._template = Template(text, write=lambda value: shown(value)[:LONGEST_VALUE], unknown=UNKNOWN)
        self.names = self._template.names
        self.needs_payload = bool(self.names & {"value", "payload"})

    def fill(self, captured: Mapping[str, str], value: object, payload: Payload | None) -> str:
        """Return the text with its values; a missing one is `?`."""
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
