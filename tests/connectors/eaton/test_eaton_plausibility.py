"""Plausible numbers of a UPS, and the treatment of others."""

from collections.abc import Mapping

import pytest

from connectors.eaton.config import Thresholds
from connectors.eaton.document import Answers, document_of
from connectors.eaton.evaluate import evaluate
from connectors.eaton.findings import findings_of
from connectors.eaton.mibs import UPS_MIB
from connectors.eaton.plausibility import TemperatureUnit
from opsconductor.model.enums import Severity
from opsconductor.snmp.message.plausible import Answer, NoValue

UPS = "1.3.6.1.2.1.33.1"
EMPTY = NoValue("the device answers with a value of type INTEGER and no bytes")
WELL: Mapping[str, Answer] = {
    f"{UPS}.2.1.0": 2,
    f"{UPS}.2.2.0": 0,
    f"{UPS}.2.3.0": 42,
    f"{UPS}.2.4.0": 100,
    f"{UPS}.2.5.0": 813,
    f"{UPS}.2.7.0": 24,
    f"{UPS}.4.1.0": 3,
    f"{UPS}.4.2.0": 500,
    f"{UPS}.6.1.0": 0,
    f"{UPS}.7.3.0": 6,
}
"""A UPS of RFC 1628 without problems."""


def found(
    changes: Mapping[str, Answer],
    rows: Mapping[str, Mapping[str, Answer]] | None = None,
    *,
    unit: TemperatureUnit = TemperatureUnit.CELSIUS,
    open_now: Mapping[str, Severity] | None = None,
) -> dict[str, Severity]:
    """Evaluate the answer of a UPS: severity by alert type."""
    answers = Answers(mib=UPS_MIB, scalars={**WELL, **changes}, rows=rows or {}, temperature_unit=unit)
    known = open_now or {}
    document = evaluate(
        document_of(answers),
        Thresholds(),
        lambda alert_type, _: known.get(alert_type),
        before=None,
        on_battery_for_s=0,
    )
    return {alert_type: each.severity for (alert_type, _), each in findings_of(document).items()}


UNKNOWN = {"power_values_unknown": Severity.INFO}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({f"{UPS}.2.4.0": EMPTY}, UNKNOWN),
        ({f"{UPS}.2.4.0": 0}, UNKNOWN),
        ({f"{UPS}.2.4.0": 0, f"{UPS}.2.1.0": 3}, {"power_low_battery", "power_battery_capacity_low"}),
        ({f"{UPS}.2.4.0": -1}, {}),
        ({f"{UPS}.2.4.0": 0xFFFF_FFFF}, {}),
        ({f"{UPS}.2.7.0": 141}, UNKNOWN),
        ({f"{UPS}.2.7.0": 77}, {"environment_temperature_high"}),
        ({f"{UPS}.2.1.0": 0}, UNKNOWN),
        ({f"{UPS}.7.3.0": 3}, {"power_test_failed"}),
        ({f"{UPS}.7.3.0": 2}, {"power_test_warning"}),
        ({f"{UPS}.7.3.0": 4}, {}),
        ({f"{UPS}.7.3.0": 5}, {}),
        (dict.fromkeys(WELL, 0), UNKNOWN),
    ],
)
def test_what_is_not_believed_is_unknown(
    changes: Mapping[str, Answer], expected: Mapping[str, Severity] | set[str]
) -> None:
    """Placeholders, empty values and contradictions raise only a notice; real faults raise alerts."""
    assert set(found(changes)) == set(expected)


@pytest.mark.parametrize(
    ("unit", "raw"),
    [(TemperatureUnit.TENTHS, 241), (TemperatureUnit.FAHRENHEIT, 77), (TemperatureUnit.CELSIUS, 25)],
)
def test_a_card_may_count_temperatures_in_another_unit(unit: TemperatureUnit, raw: int) -> None:
    """The configuration is applied before the evaluation."""
    assert found({f"{UPS}.2.7.0": raw}, unit=unit) == {}
    hot = {TemperatureUnit.TENTHS: 450, TemperatureUnit.FAHRENHEIT: 113, TemperatureUnit.CELSIUS: 45}
    assert set(found({f"{UPS}.2.7.0": hot[unit]}, unit=unit)) == {"environment_temperature_high"}


def test_a_temperature_that_may_be_fahrenheit_says_so() -> None:
    """77 degrees are possible and reported, with their value in Fahrenheit."""
    document = evaluate(
        document_of(Answers(mib=UPS_MIB, scalars={**WELL, f"{UPS}.2.7.0": 77})),
        Thresholds(),
        lambda *_: None,
        before=None,
        on_battery_for_s=0,
    )
    (level,) = document["levels"]
    assert "if Fahrenheit, 25.0 °C: see `temperature_unit`" in level["evidence"]


def test_what_is_open_stays_open_while_its_value_is_unknown() -> None:
    """An implausible answer ends no alert: neither of a number nor of a state nor of an alarm."""
    known = {
        "power_battery_capacity_low": Severity.CRITICAL,
        "power_on_battery": Severity.WARNING,
        "power_charger_failure": Severity.MAJOR,
    }
    assert found({}, open_now=known) == {}
    assert found({f"{UPS}.2.4.0": EMPTY}, open_now=known) == {
        "power_battery_capacity_low": Severity.CRITICAL,
        **UNKNOWN,
    }
    assert found(dict.fromkeys(WELL, 0), open_now=known) == {**known, **UNKNOWN}


def test_empty_rows_of_the_alarm_table_are_no_alarms() -> None:
    """24 rows without a name are none while no alarm is counted; with a count they are unknown."""
    rows = {str(row): "0.0.0.0.0.0.0.0.0.0.0" for row in range(1, 25)}
    table = {f"{UPS}.6.2.1.2": rows}
    assert found({}, table) == {}
    assert found({f"{UPS}.6.1.0": 2}, table) == UNKNOWN
    one = {f"{UPS}.6.2.1.2": {**rows, "3": f"{UPS}.6.3.1"}}
    assert found({f"{UPS}.6.1.0": 1}, one) == {"power_battery_bad": Severity.MAJOR}
    unread = {f"{UPS}.6.2.1.2": {"1": NoValue("the device answers with a value of type OID and no bytes")}}
    assert found({f"{UPS}.6.1.0": 1}, unread) == UNKNOWN


def test_the_reasons_stand_in_the_document() -> None:
    """Each implausible number has its reason, for alerts and the test of the connection."""
    document = document_of(Answers(mib=UPS_MIB, scalars={**WELL, f"{UPS}.2.4.0": -1, f"{UPS}.2.7.0": 141}))
    assert document["implausible"]["battery_capacity_percent"] == "-1 means an unknown value"
    assert document["implausible"]["battery_temperature_c"].startswith(
        "141 °C is implausible; if the card uses"
    )
    assert document["strange"] == ["battery_temperature_c"]
    assert "battery_temperature_c" not in document["measures"]
