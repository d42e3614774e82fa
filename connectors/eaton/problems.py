"""Every problem that a UPS or a rack PDU can have: its alert type, and what people read about it.

Severities: those of the maker (XUPS-MIB, `#SEVERITY`), with these exceptions. What every mains failure
brings along (no bypass, bad input) and what people do on purpose (bypass) is less, so that one failure is
one page. Whatever leaves the load without power is major or worse, because only that cuts.
"""

from typing import NamedTuple

from opsconductor.model.enums import Category, Severity

CRITICAL, MAJOR, MINOR, WARNING = Severity.CRITICAL, Severity.MAJOR, Severity.MINOR, Severity.WARNING

BATTERY = ("battery_capacity_percent", "battery_runtime_s", "load_percent")


class Problem(NamedTuple):
    """What is wrong, in words."""

    alert_type: str
    severity: Severity
    title: str
    message: str

    @property
    def category(self) -> Category:
        """The first word of the alert type."""
        return Category(self.alert_type.partition("_")[0])

    @property
    def is_cutting(self) -> bool:
        """True when devices that get their power here lose it, or have lost it."""
        return self.alert_type in CUTTING

    @property
    def shows(self) -> tuple[str, ...]:
        """Names of the measures that people want to read beside it."""
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
        "The output is off, and the UPS waits for the mains to return.",
    ),
    Problem(
        "power_output_off_as_requested",
        MAJOR,
        "UPS Output Switched Off",
        "The output was switched off as somebody requested: the load has no power.",
    ),
    Problem(
        "power_shutdown_pending",
        MAJOR,
        "UPS Will Shut Down",
        "Somebody has requested that the output be switched off; the countdown runs.",
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
        "Voltage, frequency or phase rotation of the input is bad.",
    ),
    # The load is fed, but not as it should be.
    Problem("power_output_overload", CRITICAL, "UPS Overload", "The load is more than the UPS can feed."),
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
        "Somebody has put the UPS on maintenance bypass: the load is not protected.",
    ),
    Problem(
        "power_bypass_unavailable", WARNING, "UPS Bypass Unavailable", "The UPS could not go on bypass now."
    ),
    Problem(
        "power_redundancy_lost", MINOR, "UPS Redundancy Lost", "The UPS system works without a spare module."
    ),
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
        "The second source is away.",
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
    Problem("environment_ups_temperature", MAJOR, "UPS Temperature", "A temperature inside the UPS is bad."),
    Problem("power_notice", MINOR, "UPS Notice", "The UPS wants to be looked at; its own display tells why."),
    Problem("power_ups_alarm", MAJOR, "UPS Alarm", "An alarm that only its maker can explain."),
    Problem(
        "power_ups_communication_lost",
        MAJOR,
        "UPS Communication Lost",
        "The network card does not reach its UPS: what it tells of it is old.",
    ),
    Problem("power_test_in_progress", Severity.INFO, "UPS Test", "The UPS is testing itself."),
    # ConnectorContext.
    Problem(
        "environment_building_alarm",
        MAJOR,
        "Building Alarm",
        "A building alarm that the UPS watches is raised.",
    ),
    Problem("environment_contact", MAJOR, "Contact", "A contact that the UPS watches is active."),
    Problem(
        "environment_ambient_temperature",
        MAJOR,
        "Ambient Temperature",
        "The ambient temperature has left the limits set in the UPS.",
    ),
    Problem(
        "environment_remote_temperature",
        MAJOR,
        "Remote Temperature",
        "The temperature at the remote probe has left the limits set in the UPS.",
    ),
    Problem(
        "environment_remote_humidity",
        MINOR,
        "Remote Humidity",
        "The humidity at the remote probe has left the limits set in the UPS.",
    ),
    # Our own thresholds.
    Problem(
        "power_battery_capacity_low", WARNING, "UPS Battery Charge Low", "The battery holds little charge."
    ),
    Problem(
        "power_battery_runtime_low", MAJOR, "UPS Runtime Low", "The battery would not feed the load for long."
    ),
    Problem("power_load_high", WARNING, "UPS Load High", "The load is near the most that the UPS can feed."),
    Problem("environment_temperature_high", MAJOR, "Temperature High", "It is too hot."),
    Problem("environment_humidity_high", WARNING, "Humidity High", "It is too humid."),
    Problem(
        "power_values_unknown",
        Severity.INFO,
        "UPS Values Unknown",
        "Values of the UPS are not believed, and so unknown: nothing is raised or ended by them.",
    ),
    # Rack PDUs.
    Problem("power_input_voltage", WARNING, "PDU Input Voltage", "The input voltage has left its limits."),
    Problem("power_input_current", WARNING, "PDU Input Current", "The input current has left its limits."),
    Problem("power_input_frequency", WARNING, "PDU Input Frequency", "The input frequency is out of range."),
    Problem(
        "power_group_voltage", WARNING, "PDU Group Voltage", "The voltage of a group has left its limits."
    ),
    Problem(
        "power_group_current", WARNING, "PDU Group Current", "The current of a group has left its limits."
    ),
    Problem(
        "power_group_breaker_open",
        MAJOR,
        "PDU Breaker Open",
        "The breaker of a group is open: its outlets have no power.",
    ),
    Problem("environment_temperature", WARNING, "PDU Temperature", "A temperature has left its limits."),
    Problem("environment_humidity", WARNING, "PDU Humidity", "A humidity has left its limits."),
    Problem(
        "power_pdu_communication_lost",
        MAJOR,
        "PDU Communication Lost",
        "A PDU of the chain is not reached by the first.",
    ),
    Problem("power_pdu_internal_failure", MAJOR, "PDU Internal Failure", "The PDU has an internal failure."),
)

PROBLEMS = {problem.alert_type: problem for problem in _ALL}
"""By alert type."""

UNREACHABLE = Problem(
    "power_ups_unreachable",
    MAJOR,
    "UPS Unreachable",
    "The UPS does not answer; what was wrong with it stays open.",
)
"""Not cutting: a network card that is silent says nothing about the power that the UPS delivers."""

CUTTING = frozenset({
    "power_on_battery",
    "power_low_battery",
    "power_shutdown_imminent",
    "power_output_off",
    "power_awaiting_power",
    "power_output_off_as_requested",
    "power_group_breaker_open",
})  # fmt: skip
"""What cuts the power of what is fed: see README; as a cause it must be major besides."""

SHOWN = {
    "power_on_battery": BATTERY,
    "power_low_battery": BATTERY,
    "power_shutdown_imminent": BATTERY,
    "power_battery_discharged": BATTERY,
    "power_output_overload": ("load_percent",),
    "environment_ambient_temperature": ("ambient_temperature_c",),
    "environment_remote_temperature": ("remote_temperature_c",),
}
