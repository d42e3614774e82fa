"""All problems of UPSs and rack PDUs: alert type, severity and texts.

Severities are those of the vendor (XUPS-MIB, `#SEVERITY`), with these exceptions. What accompanies every
mains failure (no bypass, bad input) and what is done on purpose (bypass) is lower, so that one failure
makes one notification. Whatever leaves the load without power is major or higher, because only that cuts.
"""

from typing import NamedTuple

from opsconductor.model.enums import Category, Severity

CRITICAL, MAJOR, MINOR, WARNING = Severity.CRITICAL, Severity.MAJOR, Severity.MINOR, Severity.WARNING

BATTERY = ("battery_capacity_percent", "battery_runtime_s", "load_percent")


class Problem(NamedTuple):
    """A problem and its texts."""

    alert_type: str
    severity: Severity
    title: str
    message: str

    @property
    def category(self) -> Category:
        """The category with which the alert type begins."""
        return Category(self.alert_type.partition("_")[0])

    @property
    def is_cutting(self) -> bool:
        """True when devices that are fed by this one lose their power, or have lost it."""
        return self.alert_type in CUTTING

    @property
    def shows(self) -> tuple[str, ...]:
        """Names of the measures shown with it."""
        return SHOWN.get(self.alert_type, ())


_ALL = (
    # No power, or soon none.
    Problem(
        "power_on_battery",
        WARNING,
        "UPS On Battery",
        "The mains have failed; the UPS feeds its load from the battery.",
    ),
    Problem(
        "power_low_battery",
        CRITICAL,
        "UPS Battery Low",
        "The battery is nearly empty; the load will lose its power soon.",
    ),
    Problem(
        "power_shutdown_imminent", CRITICAL, "UPS Shuts Down", "The UPS is about to switch its output off."
    ),
    Problem("power_output_off", CRITICAL, "UPS Output Off", "The output is off: the load has no power."),
    Problem(
        "power_awaiting_power",
        CRITICAL,
        "UPS Waits For Mains",
        "The output is off; the UPS waits for the mains to return.",
    ),
    Problem(
        "power_output_off_as_requested",
        MAJOR,
        "UPS Output Switched Off",
        "The output was switched off on request: the load has no power.",
    ),
    Problem(
        "power_shutdown_pending",
        MAJOR,
        "UPS Will Shut Down",
        "Switching off the output was requested; the countdown is running.",
    ),
    Problem(
        "power_battery_discharged",
        CRITICAL,
        "UPS Battery Discharged",
        "The battery is empty: the load would lose its power if the mains failed now.",
    ),
    Problem(
        "power_input_failure",
        MINOR,
        "UPS Input Failure",
        "Voltage, frequency or phase rotation of the input is out of range.",
    ),
    # The load is fed, but not as it should be.
    Problem("power_output_overload", CRITICAL, "UPS Overload", "The load exceeds the capacity of the UPS."),
    Problem("power_output_bad", CRITICAL, "UPS Output Bad", "The output is out of tolerance."),
    Problem(
        "power_output_not_protected",
        WARNING,
        "UPS Output Not Protected",
        "The load is fed, but would lose its power if the mains failed.",
    ),
    Problem(
        "power_on_bypass",
        WARNING,
        "UPS On Bypass",
        "The load is fed by the bypass and would lose its power if the mains failed.",
    ),
    Problem(
        "power_on_maintenance_bypass",
        WARNING,
        "UPS On Maintenance Bypass",
        "The UPS was put on maintenance bypass: the load is not protected.",
    ),
    Problem(
        "power_bypass_unavailable", WARNING, "UPS Bypass Unavailable", "The UPS cannot switch to bypass now."
    ),
    Problem("power_redundancy_lost", MINOR, "UPS Redundancy Lost", "The UPS system runs without redundancy."),
    Problem(
        "power_on_alternate_source",
        MINOR,
        "UPS On Alternate Source",
        "The UPS is fed by its second source: another feed, a generator, a flywheel or a fuel cell.",
    ),
    Problem(
        "power_alternate_source_unavailable",
        MINOR,
        "UPS Alternate Source Missing",
        "The second source is missing.",
    ),
    # Something is broken.
    Problem("power_battery_bad", MAJOR, "UPS Battery Bad", "One or more batteries must be replaced."),
    Problem("power_battery_disconnected", MAJOR, "UPS Battery Disconnected", "No battery is connected."),
    Problem("power_battery_aged", MINOR, "UPS Battery Aged", "The battery has reached the end of its life."),
    Problem(
        "power_test_failed", MINOR, "UPS Test Failed", "The last test of the UPS or its battery has failed."
    ),
    Problem(
        "power_test_warning",
        WARNING,
        "UPS Test Warning",
        "The last test of the UPS has ended with a warning.",
    ),
    Problem("power_charger_failure", MAJOR, "UPS Charger Failure", "The charger of the battery has failed."),
    Problem("power_internal_failure", CRITICAL, "UPS Internal Failure", "A component of the UPS has failed."),
    Problem("power_inverter_failure", CRITICAL, "UPS Inverter Failure", "The inverter has failed."),
    Problem("power_fuse_failure", CRITICAL, "UPS Fuse Failure", "A fuse has blown."),
    Problem(
        "power_switch_failure", CRITICAL, "UPS Switch Failure", "A relay, contactor or breaker has failed."
    ),
    Problem("power_module_failure", MAJOR, "UPS Module Failure", "A module of the UPS system has failed."),
    Problem("power_breaker_open", MAJOR, "UPS Breaker Open", "A breaker or contactor of the UPS is open."),
    Problem("environment_fan_failure", MAJOR, "UPS Fan Failure", "One or more fans have failed."),
    Problem(
        "environment_ups_temperature",
        MAJOR,
        "UPS Temperature",
        "A temperature inside the UPS is out of range.",
    ),
    Problem("power_notice", MINOR, "UPS Notice", "The UPS requests attention; its display shows the reason."),
    Problem("power_ups_alarm", MAJOR, "UPS Alarm", "An alarm that only the vendor can explain."),
    Problem(
        "power_ups_communication_lost",
        MAJOR,
        "UPS Communication Lost",
        "The network card does not reach its UPS: its data is outdated.",
    ),
    Problem("power_test_in_progress", Severity.INFO, "UPS Test", "The UPS is testing itself."),
    # Surroundings.
    Problem(
        "environment_building_alarm",
        MAJOR,
        "Building Alarm",
        "A building alarm connected to the UPS is active.",
    ),
    Problem("environment_contact", MAJOR, "Contact", "A contact connected to the UPS is active."),
    Problem(
        "environment_ambient_temperature",
        MAJOR,
        "Ambient Temperature",
        "The ambient temperature is outside the limits set in the UPS.",
    ),
    Problem(
        "environment_remote_temperature",
        MAJOR,
        "Remote Temperature",
        "The temperature at the remote probe is outside the limits set in the UPS.",
    ),
    Problem(
        "environment_remote_humidity",
        MINOR,
        "Remote Humidity",
        "The humidity at the remote probe is outside the limits set in the UPS.",
    ),
    # Our own thresholds.
    Problem(
        "power_battery_capacity_low", WARNING, "UPS Battery Charge Low", "The battery holds little charge."
    ),
    Problem(
        "power_battery_runtime_low",
        MAJOR,
        "UPS Runtime Low",
        "The battery can feed the load for a short time only.",
    ),
    Problem("power_load_high", WARNING, "UPS Load High", "The load is close to the capacity of the UPS."),
    Problem("environment_temperature_high", MAJOR, "Temperature High", "It is too hot."),
    Problem("environment_humidity_high", WARNING, "Humidity High", "It is too humid."),
    Problem(
        "power_values_unknown",
        Severity.INFO,
        "UPS Values Unknown",
        "Values of the UPS are implausible and treated as unknown: they raise and clear nothing.",
    ),
    # Rack PDUs.
    Problem("power_input_voltage", WARNING, "PDU Input Voltage", "The input voltage is outside its limits."),
    Problem("power_input_current", WARNING, "PDU Input Current", "The input current is outside its limits."),
    Problem("power_input_frequency", WARNING, "PDU Input Frequency", "The input frequency is out of range."),
    Problem(
        "power_group_voltage", WARNING, "PDU Group Voltage", "The voltage of a group is outside its limits."
    ),
    Problem(
        "power_group_current", WARNING, "PDU Group Current", "The current of a group is outside its limits."
    ),
    Problem(
        "power_group_breaker_open",
        MAJOR,
        "PDU Breaker Open",
        "The breaker of a group is open: its outlets have no power.",
    ),
    Problem("environment_temperature", WARNING, "PDU Temperature", "A temperature is outside its limits."),
    Problem("environment_humidity", WARNING, "PDU Humidity", "A humidity is outside its limits."),
    Problem(
        "power_pdu_communication_lost",
        MAJOR,
        "PDU Communication Lost",
        "A PDU of the chain does not answer the first one.",
    ),
    Problem("power_pdu_internal_failure", MAJOR, "PDU Internal Failure", "The PDU has an internal failure."),
)

PROBLEMS = {problem.alert_type: problem for problem in _ALL}
"""By alert type."""

UNREACHABLE = Problem(
    "power_ups_unreachable",
    MAJOR,
    "UPS Unreachable",
    "The UPS does not answer; its open alerts stay open.",
)
"""Not cutting: an unreachable network card is no evidence about the power that the UPS delivers."""

CUTTING = frozenset({
    "power_on_battery",
    "power_low_battery",
    "power_shutdown_imminent",
    "power_output_off",
    "power_awaiting_power",
    "power_output_off_as_requested",
    "power_group_breaker_open",
})  # fmt: skip
"""Problems that cut the power of fed devices: see README; a cause must also be major or higher."""

SHOWN = {
    "power_on_battery": BATTERY,
    "power_low_battery": BATTERY,
    "power_shutdown_imminent": BATTERY,
    "power_battery_discharged": BATTERY,
    "power_output_overload": ("load_percent",),
    "environment_ambient_temperature": ("ambient_temperature_c",),
    "environment_remote_temperature": ("remote_temperature_c",),
}
