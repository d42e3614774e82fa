"""A sensor, read from any table or message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.prtg.reading import first_text, int_of, iso_of, ole_of, text_of
from connectors.prtg.state import IS_DOWN, SensorState, state_of_code, state_of_words

Row = Mapping[str, object]
"""One object of PRTG's JSON."""

STARS = range(1, 6)
MOST_TAGS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """Properties and state of a sensor.

    Attributes:
        kind: Type of the sensor in PRTG's own short form (`ping`, `snmptraffic`); empty: unknown.
        priority: Stars, 1 to 5; 0: unknown.
        host: Address or DNS name of the device.
        since: Start of its state, as far as PRTG reports it; None: unknown.
    """

    id: int
    name: str
    state: SensorState
    message: str
    kind: str
    tags: tuple[str, ...]
    priority: int
    device: str
    host: str
    group: str
    probe: str
    last_value: str
    since: datetime | None


def id_of(row: Row) -> int | None:
    """Return the id of an object of either API; None: it has none."""
    found = int_of(row.get("objid", row.get("id")))
    return found if found is not None and found > 0 else None


def sensor_of(row: Row) -> Sensor:
    """Return the sensor of a row of either API; missing or unknown values are left empty."""
    return _sensor_of_object(row) if "path" in row else _sensor_of_table(row)


def tags_of(text: str) -> tuple[str, ...]:
    """Split tags, which PRTG separates by spaces or commas."""
    return tuple(dict.fromkeys(text.replace(",", " ").casefold().split()))[:MOST_TAGS]


def stars_of(value: object) -> int:
    """Return a priority, written as a number or as stars."""
    stars = int_of(value)
    if stars is None and isinstance(value, str) and value.strip() and not value.strip().strip("*"):
        stars = len(value.strip())
    return stars if stars is not None and stars in STARS else 0


def _sensor_of_table(row: Row) -> Sensor:
    """Return the sensor of a row of `table.json`.

    Source:
        Answers of PRTG: while a sensor is down `lastup` does not change, so that is when it went down;
        in every other state the last check is the latest known time.
    """
    code = int_of(row.get("status_raw"))
    state = state_of_code(code)
    if code is None:
        state = state_of_words(text_of(row.get("status"))) or SensorState.UNKNOWN
    checked_at, up_at = ole_of(row.get("lastcheck_raw")), ole_of(row.get("lastup_raw"))
    return Sensor(
        id=id_of(row) or 0,
        name=first_text(row, "sensor", "name"),
        state=state,
        message=first_text(row, "message_raw", "message"),
        kind=first_text(row, "type_raw", "type").casefold(),
        tags=tags_of(text_of(row.get("tags"))),
        priority=stars_of(row.get("priority_raw", row.get("priority"))),
        device=text_of(row.get("device")),
        host=text_of(row.get("host")),
        group=text_of(row.get("group")),
        probe=text_of(row.get("probe")),
        last_value=text_of(row.get("lastvalue")),
        since=(up_at if state in IS_DOWN else None) or checked_at,
    )


def _sensor_of_object(row: Row) -> Sensor:
    """Return the sensor of an object of API v2, whose position in the tree is in its path."""
    path = _path_of(row)
    tags = row.get("tags")
    return Sensor(
        id=id_of(row) or 0,
        name=text_of(row.get("name")),
        state=state_of_words(text_of(row.get("status"))) or SensorState.UNKNOWN,
        message=text_of(row.get("message")),
        kind=first_text(row, "sensor_kind", "kind_name").casefold(),
        tags=tags_of(" ".join(map(text_of, tags)) if isinstance(tags, list) else text_of(tags)),
        priority=stars_of(row.get("priority")),
        device=path.get("device", ""),
        host=text_of(row.get("host")),
        group=path.get("group", ""),
        probe=path.get("probe", ""),
        last_value="",
        since=iso_of(row.get("status_since")),
    )


def _path_of(row: Row) -> dict[str, str]:
    """Return the names of the nearest object of each type above a sensor."""
    path = row.get("path")
    steps = [step for step in path if isinstance(step, Mapping)] if isinstance(path, list) else []
    return {_type_of(step): text_of(step.get("name")) for step in steps}


def device_id_of(row: Row) -> int | None:
    """Return the id of a sensor's device; None: it is unknown."""
    path = row.get("path")
    if isinstance(path, list):
        devices = [step for step in path if isinstance(step, Mapping) and _type_of(step) == "device"]
        return int_of(devices[-1].get("id")) if devices else None
    return int_of(row.get("parentid_raw", row.get("parentid")))


def _type_of(step: Row) -> str:
    return text_of(step.get("type")).casefold().removeprefix("referenced_")
