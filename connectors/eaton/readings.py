"""Single objects of a UPS: their meaning, and their plausible range.

Many network cards answer only a part of them, and return -1, 65535 or 2147483647 for unknown values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

XUPS = "1.3.6.1.4.1.534.1"
UPS = "1.3.6.1.2.1.33.1"

LONGEST_RUNTIME_S = 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number.

    Attributes:
        oid: Of the object; of a scalar with its `.0`, of a table's column without instance.
        scale: Factor from the object's unit to ours.
        low: The least plausible number, in our unit.
        high: The greatest plausible number, in our unit.
    """

    oid: str
    scale: float = 1
    low: float = 0
    high: float = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsState:
    """A label from an enumeration.

    Attributes:
        problems: Alert types by the labels that mean a problem.
    """

    oid: str
    words: Mapping[int, str]
    problems: Mapping[str, str] = field(default_factory=dict)


def _temperature(oid: str) -> Measure:
    return Measure(oid=oid, low=-40, high=85)


def _flag(oid: str, alert_type: str) -> UpsState:
    return UpsState(oid=oid, words={1: "yes", 2: "no"}, problems={"yes": alert_type})


_SOURCES = {1: "other", 2: "none", 3: "normal", 4: "bypass", 5: "battery", 6: "booster", 7: "reducer"}
_SOURCE_PROBLEMS = {"none": "power_output_off", "bypass": "power_on_bypass", "battery": "power_on_battery"}

XUPS_MEASURES = {
    "battery_runtime_s": Measure(oid=f"{XUPS}.2.1.0", high=LONGEST_RUNTIME_S),
    "battery_voltage_v": Measure(oid=f"{XUPS}.2.2.0", high=2_000),
    "battery_current_a": Measure(oid=f"{XUPS}.2.3.0", low=-5_000, high=5_000),
    "battery_capacity_percent": Measure(oid=f"{XUPS}.2.4.0"),
    "input_frequency_hz": Measure(oid=f"{XUPS}.3.1.0", scale=0.1, high=500),
    "load_percent": Measure(oid=f"{XUPS}.4.1.0", high=300),
    "output_frequency_hz": Measure(oid=f"{XUPS}.4.2.0", scale=0.1, high=500),
    "ambient_temperature_c": _temperature(f"{XUPS}.6.1.0"),
    "ambient_humidity_percent": Measure(oid=f"{XUPS}.6.4.0"),
    "remote_temperature_c": _temperature(f"{XUPS}.6.5.0"),
    "remote_humidity_percent": Measure(oid=f"{XUPS}.6.6.0"),
}

XUPS_COLUMNS = {
    "input_voltage_v": Measure(oid=f"{XUPS}.3.4.1.2", high=100_000),
    "output_voltage_v": Measure(oid=f"{XUPS}.4.4.1.2", high=100_000),
    "load_percent": Measure(oid=f"{XUPS}.4.4.1.8", high=300),
}

INPUT_POWER, OUTPUT_POWER = "input_power_w", "output_power_w"
MOST_WATTS = 10_000_000


def _powers(taken: str, given: str) -> dict[str, Measure]:
    return {
        INPUT_POWER: Measure(oid=taken, high=MOST_WATTS),
        OUTPUT_POWER: Measure(oid=given, high=MOST_WATTS),
    }


XUPS_POWERS = _powers(f"{XUPS}.3.4.1.4", f"{XUPS}.4.4.1.4")
"""xupsInputWatts, xupsOutputWatts."""

XUPS_STATES = {
    "battery": UpsState(
        oid=f"{XUPS}.2.5.0",
        words={
            1: "charging",
            2: "discharging",
            3: "floating",
            4: "resting",
            5: "unknown",
            6: "disconnected",
            7: "under test",
            8: "check battery",
        },
        problems={"disconnected": "power_battery_disconnected", "check battery": "power_battery_bad"},
    ),
    "battery_failure": _flag(f"{XUPS}.2.7.0", "power_battery_bad"),
    "battery_not_present": _flag(f"{XUPS}.2.8.0", "power_battery_disconnected"),
    "battery_aged": _flag(f"{XUPS}.2.9.0", "power_battery_aged"),
    "battery_low_capacity": _flag(f"{XUPS}.2.10.0", "power_battery_capacity_low"),
    "input_source": UpsState(
        oid=f"{XUPS}.3.5.0",
        words={
            1: "other",
            2: "none",
            3: "primary utility",
            4: "bypass feed",
            5: "secondary utility",
            6: "generator",
            7: "flywheel",
            8: "fuel cell",
        },
    ),
    "dual_input": UpsState(
        oid=f"{XUPS}.3.6.0",
        words={1: "both bad", 2: "primary good", 3: "secondary good", 4: "both good"},
        problems={"both bad": "power_input_failure"},
    ),
    "input": UpsState(
        oid=f"{XUPS}.3.9.0", words={1: "bad", 2: "good"}, problems={"bad": "power_input_failure"}
    ),
    "output_source": UpsState(
        oid=f"{XUPS}.4.5.0",
        words={
            **_SOURCES,
            8: "parallel capacity",
            9: "parallel redundant",
            10: "high efficiency",
            11: "maintenance bypass",
            12: "energy storage",
        },
        problems={**_SOURCE_PROBLEMS, "maintenance bypass": "power_on_maintenance_bypass"},
    ),
    "output": UpsState(
        oid=f"{XUPS}.4.10.0",
        words={1: "not powered", 2: "not protected", 3: "protected"},
        problems={"not powered": "power_output_off", "not protected": "power_output_not_protected"},
    ),
    "battery_test": UpsState(
        oid=f"{XUPS}.8.2.0",
        words={
            1: "unknown",
            2: "passed",
            3: "failed",
            4: "in progress",
            5: "not supported",
            6: "inhibited",
            7: "scheduled",
        },
        problems={"failed": "power_test_failed"},
    ),
}

UPS_MEASURES = {
    "on_battery_s": Measure(oid=f"{UPS}.2.2.0", high=10 * 365 * 86_400),
    "battery_runtime_s": Measure(oid=f"{UPS}.2.3.0", scale=60, high=LONGEST_RUNTIME_S),
    "battery_capacity_percent": Measure(oid=f"{UPS}.2.4.0"),
    "battery_voltage_v": Measure(oid=f"{UPS}.2.5.0", scale=0.1, high=2_000),
    "battery_current_a": Measure(oid=f"{UPS}.2.6.0", scale=0.1, low=-5_000, high=5_000),
    "battery_temperature_c": _temperature(f"{UPS}.2.7.0"),
    "output_frequency_hz": Measure(oid=f"{UPS}.4.2.0", scale=0.1, high=500),
}

UPS_COLUMNS = {
    "input_frequency_hz": Measure(oid=f"{UPS}.3.3.1.2", scale=0.1, high=500),
    "input_voltage_v": Measure(oid=f"{UPS}.3.3.1.3", high=100_000),
    "output_voltage_v": Measure(oid=f"{UPS}.4.4.1.2", high=100_000),
    "load_percent": Measure(oid=f"{UPS}.4.4.1.5", high=300),
}

UPS_POWERS = _powers(f"{UPS}.3.3.1.5", f"{UPS}.4.4.1.4")
"""upsInputTruePower, upsOutputPower."""

UPS_STATES = {
    "battery": UpsState(
        oid=f"{UPS}.2.1.0",
        words={1: "unknown", 2: "normal", 3: "low", 4: "depleted"},
        problems={"low": "power_low_battery", "depleted": "power_battery_discharged"},
    ),
    "output_source": UpsState(oid=f"{UPS}.4.1.0", words=_SOURCES, problems=_SOURCE_PROBLEMS),
    "battery_test": UpsState(
        oid=f"{UPS}.7.3.0",
        words={
            1: "passed",
            2: "passed with a warning",
            3: "failed",
            4: "aborted",
            5: "in progress",
            6: "none started",
        },
        problems={"failed": "power_test_failed", "passed with a warning": "power_test_warning"},
    ),
}
