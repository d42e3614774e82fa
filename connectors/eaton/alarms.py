"""Well-known alarms of the alarm tables of XUPS-MIB and UPS-MIB, by OID.

Source:
    XUPS-MIB of 2019-09-27 (`xupsAlarm`), RFC 1628 (`upsWellKnownAlarms`). An Eaton table may contain alarms
    of RFC 1628 as well.
"""

XUPS = "1.3.6.1.4.1.534.1.7"
UPS = "1.3.6.1.2.1.33.1.6.3"

_XUPS_ALARMS = {
    3: "power_on_battery",
    4: "power_low_battery",
    7: "power_output_overload",
    8: "power_internal_failure",
    9: "power_battery_discharged",
    10: "power_inverter_failure",
    11: "power_on_bypass",
    12: "power_bypass_unavailable",
    13: "power_output_off",
    14: "power_input_failure",
    15: "environment_building_alarm",
    16: "power_shutdown_imminent",
    20: "power_breaker_open",
    23: "power_battery_bad",
    24: "power_output_off_as_requested",
    25: "power_test_failed",
    26: "power_ups_communication_lost",
    27: "power_shutdown_pending",
    28: "power_test_in_progress",
    29: "environment_ambient_temperature",
    30: "power_redundancy_lost",
    31: "environment_ups_temperature",
    32: "power_charger_failure",
    33: "environment_fan_failure",
    34: "power_fuse_failure",
    35: "power_switch_failure",
    36: "power_module_failure",
    37: "power_on_alternate_source",
    38: "power_alternate_source_unavailable",
    39: "power_notice",
    40: "environment_remote_temperature",
    41: "environment_remote_humidity",
    42: "power_output_bad",
    43: "power_awaiting_power",
    44: "power_on_maintenance_bypass",
    51: "power_output_not_protected",
}

_UPS_ALARMS = {
    1: "power_battery_bad",
    2: "power_on_battery",
    3: "power_low_battery",
    4: "power_battery_discharged",
    5: "environment_ups_temperature",
    6: "power_input_failure",
    7: "power_output_bad",
    8: "power_output_overload",
    9: "power_on_bypass",
    10: "power_bypass_unavailable",
    11: "power_output_off_as_requested",
    12: "power_output_off_as_requested",
    13: "power_charger_failure",
    14: "power_output_off",
    15: "power_output_off",
    16: "environment_fan_failure",
    17: "power_fuse_failure",
    18: "power_internal_failure",
    19: "power_test_failed",
    20: "power_ups_communication_lost",
    21: "power_awaiting_power",
    22: "power_shutdown_pending",
    23: "power_shutdown_imminent",
    24: "power_test_in_progress",
}

ALARMS = {
    **{f"{XUPS}.{number}": alert_type for number, alert_type in _XUPS_ALARMS.items()},
    **{f"{UPS}.{number}": alert_type for number, alert_type in _UPS_ALARMS.items()},
}
"""Alert type by the OID in the table."""

GOOD_NEWS = frozenset(f"{XUPS}.{number}" for number in (5, 6, 17, 21, 22))
"""UtilityPowerRestored, ReturnFromLowBattery, OnInverter, AlarmEntryAdded and -Removed: not problems."""
