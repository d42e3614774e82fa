"""Severity of a sensor's state by configuration, priority and tags."""

from connectors.prtg.config import IGNORE, Override, PrtgConfig
from connectors.prtg.sensor import Sensor
from opsconductor.model.enums import Severity


def severity_of(sensor: Sensor, config: PrtgConfig) -> Severity | None:
    """Return the severity; None: no problem, or an ignored one."""
    usual = config.severity_of(sensor.state)
    if usual is None:
        return None
    level = next((each.severity for each in config.overrides if _fits(sensor, each)), usual)
    return None if level == IGNORE else Severity(level)


def _fits(sensor: Sensor, override: Override) -> bool:
    return (
        (not override.tags or not set(override.tags).isdisjoint(sensor.tags))
        and (not override.priorities or sensor.priority in override.priorities)
        and (not override.states or sensor.state in override.states)
    )
