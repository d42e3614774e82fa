"""Posts of PRTG's "Execute HTTP Action": a form, JSON declared as a form, or percent-encoded JSON.

Reasons of undecodable posts: `no_form` (no fields found).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any
from urllib.parse import unquote_to_bytes

from connectors.prtg.reading import first_text, int_of, text_of
from connectors.prtg.sensor import Row, Sensor, sensor_of, stars_of, tags_of
from connectors.prtg.state import SensorState, state_of_words
from opsconductor.errors import DecodeError

SECRET = "secret"  # noqa: S105 - the name of the field
FIELDS: Mapping[str, tuple[str, ...]] = {
    "sensorid": ("sensorid", "objid", "id", "sensor_id"),
    "sensor": ("sensor", "name", "shortname"),
    "device": ("device", "server"),
    "host": ("host",),
    "group": ("group",),
    "probe": ("probe",),
    "status": ("laststatus", "status", "state"),
    "message": ("message", "lastmessage"),
    "priority": ("priority", "prio"),
    "lastvalue": ("lastvalue",),
    "tags": ("objecttags", "tags"),
}
"""Fields read from a post, and their aliases; everything else is discarded: PRTG's
`%settings`, for one, contains passwords.
"""

_PLACEHOLDERS = """
colorofstate company comments commentssensor commentsdevice commentsgroup commentsprobe coverage cumsince
date datetime device deviceid down downtime duration elapsed_lastcheck elapsed_lastdown elapsed_lastup
group groupid history home host iconofstate lastcheck lastdown lastmessage laststatus lastup lastvalue
linkprobe linkgroup linkdevice linksensor location message name nodename objecttags parenttags prio
priority probe probeid programname programversion sensor sensorid server serviceurl settings shortname
since sitename statesince status statusid summarycount syslogmessages systemdatetime tags time timezone
traceroute trapmessages uptime
"""
PLACEHOLDERS = frozenset(_PLACEHOLDERS.split())
"""The test button sends placeholders unreplaced, as does every notification for unknown ones."""

MOST_FIELDS = 200
_KEYS = "|".join(sorted({name for names in FIELDS.values() for name in names} | PLACEHOLDERS | {SECRET}))
_KEY = re.compile(rf'"({_KEYS})"\s*:\s*', re.IGNORECASE)


def fields_of(body: bytes, query: Mapping[str, str]) -> dict[str, str]:
    """Parse a post in any of its forms; if the body is empty, the parameters of the URL.

    Raises:
        DecodeError: It has no fields.
    """
    text = _decoded(body).strip().lstrip("\ufeff")
    found = _fields_in(text) if text else dict(query)
    if not found:
        raise DecodeError("no_form", "neither a form nor JSON")
    return {name.strip().casefold(): value for name, value in found.items()}


def known_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the known fields, each under one name; a placeholder that was not replaced is dropped."""
    known = {}
    for name, aliases in FIELDS.items():
        values = (value for alias in aliases if (value := fields.get(alias, "").strip()))
        value = next((value for value in values if not is_placeholder(value)), "")
        if value:
            known[name] = value
    return known


def is_placeholder(text: str) -> bool:
    """Return True if a value is a placeholder that PRTG did not replace."""
    return text.startswith("%") and text[1:].casefold() in PLACEHOLDERS


def sensor_of_post(fields: Mapping[str, object], row: Row | None) -> Sensor:
    """Combine a notification with what is known of its sensor.

    Type, tags and device, which identify the alert, are taken from the sensor's row if there is one,
    so that a poll gives the same identity.

    Args:
        fields: Result of `known_fields`.
        row: PRTG's row of the sensor, without state and message where they may be outdated.
    """
    known = sensor_of(row) if row is not None else sensor_of({})
    stated = state_of_words(text_of(fields.get("status")))
    has_state = row is not None and ("status_raw" in row or "status" in row)
    return replace(
        known,
        id=int_of(fields.get("sensorid")) or known.id,
        name=known.name or text_of(fields.get("sensor")),
        state=stated or (known.state if has_state else SensorState.UNKNOWN),
        message=first_text(fields, "message") or known.message or first_text(fields, "status"),
        tags=known.tags or tags_of(text_of(fields.get("tags"))),
        priority=known.priority or stars_of(fields.get("priority")),
        device=known.device or text_of(fields.get("device")),
        host=known.host or text_of(fields.get("host")),
        group=known.group or text_of(fields.get("group")),
        probe=known.probe or text_of(fields.get("probe")),
        last_value=text_of(fields.get("lastvalue")) or known.last_value,
    )


def _fields_in(text: str) -> dict[str, str]:
    if text.startswith("{"):
        return _json_in(text)
    if text[:3].casefold() == "%7b":
        return _json_in(_unquoted(text))
    form = dict(_pairs_of(text))
    if len(form) == 1 and next(iter(form.values())).startswith("{"):
        return _json_in(next(iter(form.values())))
    return form


def _json_in(text: str) -> dict[str, str]:
    """Parse JSON leniently: PRTG inserts messages without escaping them.

    Of a duplicate key the first counts: the second may be part of a message.
    """
    text = text.rstrip("=& \r\n")
    try:
        document = json.loads(text, strict=False, object_pairs_hook=_first_of_each)
    except (ValueError, RecursionError):
        return _broken_json_in(text)
    if not isinstance(document, Mapping):
        return {}
    return {name: str(value) for name, value in document.items() if isinstance(value, str | int | float)}


def _broken_json_in(text: str) -> dict[str, str]:
    """Return the values between known keys, whatever quotes and backslashes they contain."""
    keys = list(islice(_KEY.finditer(text), MOST_FIELDS))
    ends = (*(key.start() for key in keys[1:]), len(text))
    values = (_value_in(text[key.end() : end]) for key, end in zip(keys, ends, strict=False))
    return _first_of_each([(key[1].casefold(), value) for key, value in zip(keys, values, strict=False)])


def _first_of_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs))


def _value_in(text: str) -> str:
    """Return one value of broken JSON, without the separator to the next."""
    value = text.rstrip().rstrip("}").rstrip().rstrip(",").rstrip()
    return value.removeprefix('"').removesuffix('"')


def _pairs_of(text: str) -> Iterator[tuple[str, str]]:
    """Parse a form; a placeholder such as `%device` must not be read as percent-encoding."""
    for pair in text.split("&", MOST_FIELDS)[:MOST_FIELDS]:
        name, equals, value = pair.partition("=")
        if equals and name:
            yield _unquoted(name), value if is_placeholder(value.strip()) else _unquoted(value)


def _unquoted(text: str) -> str:
    return _decoded(unquote_to_bytes(text.replace("+", " ")))


def _decoded(data: bytes) -> str:
    """Decode text as UTF-8, or else as the code page of the server's Windows."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
