"""A UPS's answer as numbers in our units, words and alarms."""

from collections.abc import Mapping

import pytest

from connectors.eaton.alarms import ALARMS, GOOD_NEWS
from connectors.eaton.document import Answers, document_of, plain_text
from connectors.eaton.mibs import EPDU_MIB, SIGNS, UPS_MIB, UPTIME, XUPS_MIB, Mib, mib_of
from connectors.eaton.problems import PROBLEMS
from opsconductor.snmp.message.plausible import Value

XUPS = "1.3.6.1.4.1.534.1"
UPS = "1.3.6.1.2.1.33.1"
EPDU = "1.3.6.1.4.1.534.6.6.7"


def answers(
    mib: Mib, scalars: Mapping[str, Value | None], rows: Mapping[str, Mapping[str, Value]] | None = None
) -> Answers:
    """Make the answer of a device."""
    return Answers(mib=mib, scalars=scalars, rows=rows or {})


@pytest.mark.parametrize(
    ("mib", "oid", "raw", "name", "value"),
    [
        (XUPS_MIB, f"{XUPS}.2.1.0", 3540, "battery_runtime_s", 3540),
        (XUPS_MIB, f"{XUPS}.2.2.0", 218, "battery_voltage_v", 218),
        (XUPS_MIB, f"{XUPS}.2.3.0", -4, "battery_current_a", -4),
        (XUPS_MIB, f"{XUPS}.2.4.0", 87, "battery_capacity_percent", 87),
        (XUPS_MIB, f"{XUPS}.3.1.0", 499, "input_frequency_hz", 49.9),
        (XUPS_MIB, f"{XUPS}.4.1.0", 35, "load_percent", 35),
        (XUPS_MIB, f"{XUPS}.4.2.0", 501, "output_frequency_hz", 50.1),
        (XUPS_MIB, f"{XUPS}.6.1.0", -12, "ambient_temperature_c", -12),
        (XUPS_MIB, f"{XUPS}.6.4.0", 41, "ambient_humidity_percent", 41),
        (XUPS_MIB, f"{XUPS}.6.5.0", 23, "remote_temperature_c", 23),
        (XUPS_MIB, f"{XUPS}.6.6.0", 40, "remote_humidity_percent", 40),
        (UPS_MIB, f"{UPS}.2.2.0", 65, "on_battery_s", 65),
        (UPS_MIB, f"{UPS}.2.3.0", 42, "battery_runtime_s", 2520),
        (UPS_MIB, f"{UPS}.2.4.0", 98, "battery_capacity_percent", 98),
        (UPS_MIB, f"{UPS}.2.5.0", 813, "battery_voltage_v", 81.3),
        (UPS_MIB, f"{UPS}.2.6.0", -15, "battery_current_a", -1.5),
        (UPS_MIB, f"{UPS}.2.7.0", 27, "battery_temperature_c", 27),
        (UPS_MIB, f"{UPS}.4.2.0", 500, "output_frequency_hz", 50),
    ],
)
def test_every_number_comes_in_its_unit(mib: Mib, oid: str, raw: int, name: str, value: float) -> None:
    """Each object has its own unit and scale; all are converted to ours."""
    assert document_of(answers(mib, {oid: raw}))["measures"] == {name: value}


@pytest.mark.parametrize("raw", [-1, 255, 65535, 2147483647, b"100", "1.3.6", None])
def test_numbers_that_cannot_be_are_left_out(raw: Value | None) -> None:
    """A placeholder of a card for an unknown charge is no charge."""
    assert document_of(answers(XUPS_MIB, {f"{XUPS}.2.4.0": raw}))["measures"] == {}


def test_the_fullest_phase_is_the_load() -> None:
    """Of three phases the largest load counts; the scalar, where a device has it, is its own word."""
    phases = {f"{UPS}.4.4.1.5": {"1": 40, "2": 83, "3": 12}}
    assert document_of(answers(UPS_MIB, {}, phases))["measures"] == {"load_percent": 83}


POWERS = {
    "UPS-MIB": (f"{UPS}.3.3.1.5", f"{UPS}.4.4.1.4"),
    "XUPS-MIB": (f"{XUPS}.3.4.1.4", f"{XUPS}.4.4.1.4"),
}
SOURCE = {"UPS-MIB": f"{UPS}.4.1.0", "XUPS-MIB": f"{XUPS}.4.5.0"}


@pytest.mark.parametrize("mib", [UPS_MIB, XUPS_MIB], ids=["UPS-MIB", "XUPS-MIB"])
def test_efficiency_is_what_goes_out_of_what_comes_in(mib: Mib) -> None:
    """On mains, of all phases together; on battery, with an unknown phase or more out than in: none."""
    taken, given = POWERS[mib.name]

    def measures(source: int, before: Mapping[str, Value], after: Mapping[str, Value]) -> Mapping[str, float]:
        found: Mapping[str, float] = document_of(
            answers(mib, {SOURCE[mib.name]: source}, {taken: before, given: after})
        )["measures"]
        return found

    three = {"1": 700, "2": 800, "3": 500}
    assert measures(3, three, {"1": 650, "2": 750, "3": 460}) == {
        "input_power_w": 2_000,
        "output_power_w": 1_860,
        "efficiency_percent": 93.0,
    }
    assert "efficiency_percent" not in measures(5, three, {"1": 1_860})
    assert "efficiency_percent" not in measures(3, {"1": 1_000}, {"1": 1_001})
    assert measures(3, {"1": 700, "2": -1}, {"1": 600}) == {"output_power_w": 600}


def test_words_are_those_of_the_mib() -> None:
    """Known numbers become words; unknown ones, and those for a good state, are no problem."""
    ups = document_of(
        answers(XUPS_MIB, {f"{XUPS}.2.5.0": 8, f"{XUPS}.4.5.0": 99, f"{XUPS}.2.7.0": 2, f"{XUPS}.4.10.0": 2})
    )
    assert ups["states"] == {
        "battery": "check battery",
        "battery_failure": "no",
        "output": "not protected",
    }


def test_alarms_have_the_age_that_the_device_reports() -> None:
    """An alarm's time is the sysUpTime at which it began; one from before a restart has no age."""
    table = {
        f"{XUPS}.7.2.1.2": {"7": f"{XUPS}.7.3", "12": f"{XUPS}.7.4", "40": 17},
        f"{XUPS}.7.2.1.3": {"7": 9_000, "12": 99_000},
    }
    ups = document_of(answers(XUPS_MIB, {UPTIME: 10_000, f"{XUPS}.7.1.0": 2}, table))
    assert ups["alarms"] == [{"oid": f"{XUPS}.7.3", "age_s": 10.0}, {"oid": f"{XUPS}.7.4"}]
    assert ups["has_alarms"]


def test_only_cells_that_are_not_well_are_reported() -> None:
    """Only inputs, groups and probes beyond their limits are in the document."""
    rows: dict[str, dict[str, Value]] = {
        f"{EPDU}.3.2.1.4": {"0.1.1": 0, "0.1.2": 4},
        f"{EPDU}.3.2.1.3": {"0.1.1": 230_100, "0.1.2": 262_400},
        f"{EPDU}.5.1.1.5": {"0.1": 1, "0.2": 2, "0.3": 0, "0.4": 77},
        f"{EPDU}.7.1.1.5": {"0.1": 3},
        f"{EPDU}.7.1.1.4": {"0.1": 412},
    }
    assert document_of(answers(EPDU_MIB, {}, rows))["cells"] == [
        {"name": "inputVoltage", "instance": "0.1.2", "state": "highCritical", "value": "262.4 V"},
        {"name": "groupBreaker", "instance": "0.2", "state": "breakerOff"},
        {"name": "temperature", "instance": "0.1", "state": "highWarning", "value": "41.2 degrees"},
    ]


def test_contacts_with_a_notice_are_shown_with_their_names() -> None:
    """A contact that is merely open is ignored; one with a notice is shown with its name on the card."""
    table = "1.3.6.1.4.1.534.1.6.8.1"
    rows: dict[str, dict[str, Value]] = {
        f"{table}.3": {"1": 1, "2": 4},
        f"{table}.4": {"1": b"Door", "2": b"Water\x00 \xff"},
    }
    assert document_of(answers(XUPS_MIB, {}, rows))["cells"] == [
        {"name": "contact", "instance": "2", "state": "closedWithNotice", "value": "Water\\x00 \ufffd"}
    ]


def test_text_of_a_device_is_one_short_line() -> None:
    """Control characters, line ends and long texts of a device are removed."""
    assert plain_text(b"9PX\r\n\x1b[31m 6000\x00") == "9PX \\x1b[31m 6000"
    assert len(plain_text(b"x" * 5_000)) == 100


@pytest.mark.parametrize(
    ("has", "name"),
    [
        ({f"{XUPS}.1.2.0": b"9PX", f"{UPS}.1.2.0": b"9PX"}, "XUPS-MIB"),
        ({f"{UPS}.1.2.0": b"SDH"}, "UPS-MIB"),
        ({f"{UPS}.4.1.0": 3}, "UPS-MIB"),
        ({f"{EPDU}.1.2.1.2.0": b"ePDU"}, "EATON-EPDU-MIB"),
        ({UPTIME: 1}, None),
    ],
)
def test_a_device_is_recognized_by_what_it_has(has: Mapping[str, object], name: str | None) -> None:
    """Eaton's own MIB is preferred, since it has more; a device without any of the three is no UPS."""
    mib = mib_of(dict.fromkeys(SIGNS) | dict(has))
    assert (mib and mib.name) == name


def test_every_alarm_has_its_problem() -> None:
    """Each well-known alarm of both MIBs, and each state and cell, leads to a readable problem."""
    named = set(ALARMS.values())
    for mib in (XUPS_MIB, UPS_MIB, EPDU_MIB):
        for state in mib.states.values():
            assert set(state.problems) <= set(state.words.values())
            named |= set(state.problems.values())
        for cell in mib.cells.values():
            assert set(cell.severities) <= set(cell.words.values())
            named.add(cell.alert_type)
    assert named <= set(PROBLEMS)
    numbers = {int(oid.rpartition(".")[2]) for oid in (*ALARMS, *GOOD_NEWS) if oid.startswith(XUPS)}
    assert numbers == {*range(3, 18), *range(20, 45), 51}
    assert {f"{UPS}.6.3.{number}" for number in range(1, 25)} <= set(ALARMS)
