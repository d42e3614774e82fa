"""Severity and category: how bad a notification is, and which kind of system it is about."""

import pytest

from tests.support.notify.notifications import Module, derived


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("acmeLinkDown", "major"),
        ("acmeFanFailure", "major"),
        ("acmeLowBattery", "critical"),
        ("acmeTemperatureShutdown", "critical"),
        ("acmeDiskCritical", "critical"),
        ("acmeDiskNonCritical", "minor"),
        ("acmeRaidDegraded", "minor"),
        ("acmeVersionMismatch", "minor"),
        ("acmeCpuThresholdExceeded", "warning"),
        ("acmeLicenseExpiringWarning", "warning"),
        ("acmeConfigChanged", "info"),
        ("acmeUserLogin", "info"),
        ("acmeAuthenticationFailure", "warning"),
    ],
)
def test_words_of_a_name_decide_the_severity(name: str, severity: str) -> None:
    """A failure is major, a value near a limit a warning, a mere event informational."""
    assert derived(name)[name].severity == severity


@pytest.mark.parametrize(
    ("annotation", "severity"),
    [
        ("CRITICAL", "critical"),
        ("MAJOR", "major"),
        ("MINOR", "minor"),
        ("WARNING", "warning"),
        ("SEVERE", "major"),
    ],
)
def test_the_severity_of_the_mib_is_followed(annotation: str, severity: str) -> None:
    """`--#SEVERITY` is the vendor's own rating."""
    assert derived("acmeRaidDegraded", severity=annotation)["acmeRaidDegraded"].severity == severity


def test_a_severity_at_the_beginning_of_a_description_is_followed() -> None:
    """`WARNING: ...` rates as an annotation does."""
    assert derived("acmeFanFailed", text="WARNING: A fan has failed.")["acmeFanFailed"].severity == "warning"


def test_a_down_state_is_not_informational() -> None:
    """Some MIBs rate everything informational."""
    found = derived("acmeBgpPeerDown", severity="INFORMATIONAL")
    assert found["acmeBgpPeerDown"].severity == "major"


def test_a_description_rates_where_the_name_does_not() -> None:
    """A failure is major."""
    found = derived("acmeEngineTrap", text="Sent when the engine has failed.")
    assert found["acmeEngineTrap"].severity == "major"


def test_a_stateful_one_has_the_severity_of_its_worst_value() -> None:
    """Its name has no severity."""
    module = Module()
    module.notification("acmeUnitStatusChange", module.scalar("acmeUnitStatus", labels="ok warning critical"))
    assert module.derived()["acmeUnitStatusChange"].severity == "critical"


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("acmeUpsOnBattery", "power"),
        ("acmePsuFailure", "power"),
        ("acmeFanFailure", "environment"),
        ("acmeTemperatureHigh", "environment"),
        ("acmeRaidDegraded", "storage"),
        ("acmeVolumeFull", "storage"),
        ("acmeLoginFailed", "security"),
        ("acmeRogueApDetected", "security"),
        ("acmeRadioDown", "wireless"),
        ("acmeCameraOffline", "video"),
        ("acmeCpuHigh", "compute"),
        ("acmeLicenseExpired", "application"),
        ("acmeBgpPeerDown", "network"),
    ],
)
def test_words_of_a_name_decide_the_category(name: str, category: str) -> None:
    """The object that a name is about decides; its alert type begins with the category."""
    mapping = derived(name)[name]
    assert mapping.category == category
    assert mapping.alert_type.startswith(f"{category}_")


def test_the_rest_of_a_module_decides_for_unclear_names() -> None:
    """In a module about UPSs, an unexplained alarm is one of a UPS."""
    found = derived("acmeBatteryLow acmeOutputOverload acmeOnBattery acmeFrobnicated")
    assert found["acmeFrobnicated"].category == "power"


def test_losing_the_mains_cuts_dependents() -> None:
    """Of the device as a whole; an outlet or a fan does not cut."""
    found = derived("acmeUpsOnBattery acmeFanFailed")
    assert (found["acmeUpsOnBattery"].is_cutting, found["acmeFanFailed"].is_cutting) == (True, False)
