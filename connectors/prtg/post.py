"""What PRTG's "Execute HTTP Action" posts: a form, JSON that it calls a form, or JSON percent-encoded.

Reasons for which a post is undecodable: `no_form` (nothing in it looks like fields).
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
"""What is taken from a post, and the names that people give it; whatever else is in it is left out: PRTG's
`%settings`, for one, has passwords in it."""

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
"""The test button sends them as they stand, and so does every notification those that it does not know."""

MOST_FIELDS = 200
_KEYS = "|".join(sorted({name for names in FIELDS.values() for name in names} | PLACEHOLDERS | {SECRET}))
_KEY = re.compile(rf'"({_KEYS})"\s*:\s*', re.IGNORECASE)


def fields_of(body: bytes, query: Mapping[str, str]) -> dict[str, str]:
    """Read a post, whichever of its shapes it has; with a body that is empty, the parameters of the URL.

    Raises:
        DecodeError: There are no fields in it.
    """
    text = _decoded(body).strip().lstrip("\ufeff")
    found = _fields_in(text) if text else dict(query)
    if not found:
        raise DecodeError("no_form", "neither a form nor JSON")
    return {name.strip().casefold(): value for name, value in found.items()}


def known_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Keep what is understood, under one name each; a placeholder that was not filled in is left out."""
    known = {}
    for name, aliases in FIELDS.items():
        values = (value for alias in aliases if (value := fields.get(alias, "").strip()))
        value = next((value for value in values if not is_placeholder(value)), "")
        if value:
            known[name] = value
    return known


def is_placeholder(text: str) -> bool:
    """Tell whether a value is a placeholder that PRTG did not fill in."""
    return text.startswith("%") and text[1:].casefold() in PLACEHOLDERS


def sensor_of_post(fields: Mapping[str, object], row: Row | None) -> Sensor:
    """Put together what a notification says and what is known of its sensor.

    What decides which alert it is, type, tags and device, is taken from the sensor's row if there is one,
    so that a poll comes to the same.

    Args:
        fields: As `known_fields` gives them.
        row: What PRTG's table says of the sensor, state and message left out where they may be old.
    """
    known = sensor_of(row) if row is not None else sensor_of({})
    told = state_of_words(text_of(fields.get("status")))
    has_state = row is not None and ("status_raw" in row or "status" in row)
    return replace(
        known,
        id=int_of(fields.get("sensorid")) or known.id,
        name=known.name or text_of(fields.get("sensor")),
        state=told or (known.state if has_state else SensorState.UNKNOWN),
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
    """Read JSON; PRTG puts messages into it without escaping them, so what is broken is read all the same.

    Of a key that comes twice the first counts: the second may stand in a message.
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
    """Read the values between the keys that are known, whatever quotes and backslashes are in them."""
    keys = list(islice(_KEY.finditer(text), MOST_FIELDS))
    ends = (*(key.start() for key in keys[1:]), len(text))
    values = (_value_in(text[key.end() : end]) for key, end in zip(keys, ends, strict=False))
    return _first_of_each([(key[1].casefold(), value) for key, value in zip(keys, values, strict=False)])


def _first_of_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs))


def _value_in(text: str) -> str:
    """Read one value of broken JSON, with what parts it from the next."""
    value = text.rstrip().rstrip("}").rstrip().rstrip(",").rstrip()
    return value.removeprefix('"').removesuffix('"')


def _pairs_of(text: str) -> Iterator[tuple[str, str]]:
    """Take a form apart; a placeholder such as `%device` must not be taken for percent-encoding."""
    for pair in text.split("&", MOST_FIELDS)[:MOST_FIELDS]:
        name, equals, value = pair.partition("=")
        if equals and name:
            yield _unquoted(name), value if is_placeholder(value.strip()) else _unquoted(value)


def _unquoted(text: str) -> str:
    return _decoded(unquote_to_bytes(text.replace("+", " ")))


def _decoded(data: bytes) -> str:
    """Read text of a server that speaks UTF-8, or the code page of its Windows."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
