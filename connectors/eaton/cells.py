"""Repeated parts of a device: contacts of a UPS, and inputs, groups and probes of a rack PDU.

Source:
    EATON-EMP-MIB (`xupsContactsTable`), EATON-EPDU-MIB. The resource is the name here and the instance in
    the table, as mappings write it with `{OID#}`: `groupBreaker=0.3`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from opsconductor.model.enums import Severity

CONTACTS = "1.3.6.1.4.1.534.1.6.8.1"
EPDU = "1.3.6.1.4.1.534.6.6.7"

_LIMITS = {0: "good", 1: "lowWarning", 2: "lowCritical", 3: "highWarning", 4: "highCritical"}
_LIMIT_SEVERITIES = {
    "lowWarning": Severity.WARNING,
    "lowCritical": Severity.CRITICAL,
    "highWarning": Severity.WARNING,
    "highCritical": Severity.CRITICAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A column of states.

    Attributes:
        oid: The column.
        severities: Severity by the state's label, for labels that mean a problem.
        value_oid: Column of a number or text shown with it; empty: none.
        scale: Factor from the object's unit to `unit`.
    """

    oid: str
    words: Mapping[int, str]
    severities: Mapping[str, Severity]
    alert_type: str
    value_oid: str = ""
    scale: float = 1
    unit: str = ""


def _limit(oid: str, alert_type: str, value_oid: str, scale: float, unit: str) -> Cell:
    return Cell(
        oid=oid,
        words=_LIMITS,
        severities=_LIMIT_SEVERITIES,
        alert_type=alert_type,
        value_oid=value_oid,
        scale=scale,
        unit=unit,
    )


def _volts(table: str, status: int, alert_type: str) -> Cell:
    return _limit(f"{table}.{status}", alert_type, f"{table}.{status - 1}", 0.001, "V")


def _amperes(table: str, status: int, alert_type: str) -> Cell:
    return _limit(f"{table}.{status}", alert_type, f"{table}.{status - 1}", 0.001, "A")


XUPS_CELLS = {
    "contact": Cell(
        oid=f"{CONTACTS}.3",
        words={1: "open", 2: "closed", 3: "openWithNotice", 4: "closedWithNotice"},
        severities={"openWithNotice": Severity.MAJOR, "closedWithNotice": Severity.MAJOR},
        alert_type="environment_contact",
        value_oid=f"{CONTACTS}.4",
    )
}

EPDU_CELLS = {
    "communication": Cell(
        oid=f"{EPDU}.1.2.1.30",
        words={0: "good", 1: "communicationLost"},
        severities={"communicationLost": Severity.MAJOR},
        alert_type="power_pdu_communication_lost",
    ),
    "internal": Cell(
        oid=f"{EPDU}.1.2.1.31",
        words={0: "good", 1: "internalFailure"},
        severities={"internalFailure": Severity.MAJOR},
        alert_type="power_pdu_internal_failure",
    ),
    "inputFrequency": Cell(
        oid=f"{EPDU}.3.1.1.4",
        words={0: "good", 1: "outOfRange"},
        severities={"outOfRange": Severity.WARNING},
        alert_type="power_input_frequency",
        value_oid=f"{EPDU}.3.1.1.3",
        scale=0.1,
        unit="Hz",
    ),
    "inputVoltage": _volts(f"{EPDU}.3.2.1", 4, "power_input_voltage"),
    "inputCurrent": _amperes(f"{EPDU}.3.3.1", 5, "power_input_current"),
    "groupBreaker": Cell(
        oid=f"{EPDU}.5.1.1.5",
        words={0: "notApplicable", 1: "breakerOn", 2: "breakerOff"},
        severities={"breakerOff": Severity.MAJOR},
        alert_type="power_group_breaker_open",
    ),
    "groupVoltage": _volts(f"{EPDU}.5.3.1", 4, "power_group_voltage"),
    "groupCurrent": _amperes(f"{EPDU}.5.4.1", 4, "power_group_current"),
    "temperature": _limit(f"{EPDU}.7.1.1.5", "environment_temperature", f"{EPDU}.7.1.1.4", 0.1, "degrees"),
    "humidity": _limit(f"{EPDU}.7.2.1.5", "environment_humidity", f"{EPDU}.7.2.1.4", 0.1, "%"),
}
"""Degrees are Celsius or Fahrenheit, as set in the PDU (`temperatureScale`)."""
