"""Which notification ends which other one."""

import pytest

from tests.support.notify.notifications import Module, derived


@pytest.mark.parametrize(
    ("clear", "problem"),
    [
        ("acmeLinkUp", "acmeLinkDown"),
        ("acmeFanOK", "acmeFanFail"),
        ("acmePsuRestored", "acmePsuFailure"),
        ("acmeModuleInserted", "acmeModuleRemoved"),
        ("acmeTempNormal", "acmeTempHigh"),
        ("acmeSessionEstablished", "acmeSessionLost"),
        ("acmeValveClosed", "acmeValveOpened"),
        ("acmeLosCleared", "acmeLos"),
        ("acmeLosAlarmClear", "acmeLosAlarm"),
        ("acmeCpuUsageBackToNormal", "acmeCpuUsageExceeded"),
        ("acmeLoadFalling", "acmeLoadRising"),
        ("acmeStormEnd", "acmeStormStart"),
        ("acmeClockSynchronized", "acmeClockNotSynchronized"),
        ("acmePathInRange", "acmePathOutOfRange"),
        ("acmeDryContactAlarmOff", "acmeDryContactAlarmOn"),
        ("acmeFruPowerOn", "acmeFruPowerOff"),
        ("acmeServerReachable", "acmeServerUnreachable"),
        ("acmeReturnFromLowBattery", "acmeLowBattery"),
        ("acmeTemperatureOk", "acmeOverTemperature"),
        ("acme_fan_ok", "acme_fan_failed"),
        ("serverrestored", "serverfailed"),
        ("acmeSMup", "acmeSMdown"),
        ("acmeNoConfigMismatch", "acmeConfigMismatch"),
        ("acmeHeartbeatReceived", "acmeNoHeartbeat"),
    ],
)
def test_opposites_with_the_same_stem_are_a_pair(clear: str, problem: str) -> None:
    """The name decides which of the two is the problem, whatever their order."""
    for names in ((clear, problem), (problem, clear)):
        found = derived(names)
        assert (found[clear].role, found[clear].clears) == ("clear", (problem,))
        assert (found[problem].role, found[problem].clears) == ("problem", ())


def test_a_clear_has_the_alert_type_of_its_problem() -> None:
    """Both have one fingerprint, so that the clear finds the alert."""
    found = derived("acmeFanFailed acmeFanOk acmeModuleRemoved acmeModuleInserted")
    assert found["acmeFanOk"].alert_type == found["acmeFanFailed"].alert_type
    assert found["acmeFanOk"].alert_type != found["acmeModuleInserted"].alert_type


def test_one_clear_ends_all_stages_of_a_problem() -> None:
    """A warning and an alarm of one object are ended by its return to normal, and are one alert."""
    found = derived("acmeSfpTempAlarm acmeSfpTempWarning acmeSfpTempNormal acmeFanFail")
    assert set(found["acmeSfpTempNormal"].clears) == {"acmeSfpTempAlarm", "acmeSfpTempWarning"}
    assert found["acmeSfpTempAlarm"].alert_type == found["acmeSfpTempWarning"].alert_type


def test_an_opposite_is_nearer_than_a_word_that_ends_anything() -> None:
    """`Online` ends `Offline`; `OK` ends `Failed` only."""
    found = derived("acmeFruFailed acmeFruOffline acmeFruOK acmeFruOnline")
    assert found["acmeFruOnline"].clears == ("acmeFruOffline",)
    assert found["acmeFruOK"].clears == ("acmeFruFailed",)


def test_different_stems_are_no_pair() -> None:
    """A fan that works again does not clear a power supply, or another numbered fan."""
    found = derived("acmePsuFail acmeFan1Fail acmeFan2Fail acmeFan1Ok")
    assert found["acmeFan1Ok"].clears == ("acmeFan1Fail",)


def test_two_versions_of_the_same_notifications_pair_with_their_own() -> None:
    """Where a module defines all twice, each clear ends the problem of its own version."""
    found = derived("acmePsuFail acmePsuFixed acmePsuFailNotify acmePsuFixedNotify")
    assert found["acmePsuFixed"].clears == ("acmePsuFail",)
    assert found["acmePsuFixedNotify"].clears == ("acmePsuFailNotify",)


def test_the_higher_severity_is_the_problem_where_the_name_leaves_it_open() -> None:
    """The annotations say that a boost which is on deserves a warning."""
    module = Module()
    module.notification("acmeTrimmerOn", severity="WARNING")
    module.notification("acmeTrimmerOff", severity="INFORMATIONAL")
    assert module.derived()["acmeTrimmerOff"].clears == ("acmeTrimmerOn",)


@pytest.mark.parametrize(
    "names",
    [
        "acmeBackupStarted acmeBackupStopped",
        "acmeUserAdded acmeUserDeleted",
        "acmeFeatureEnabled acmeFeatureDisabled",
        "acmeVlanAdded acmeVlanRemoved",
        "acmeClientAssociated acmeClientDisassociated",
    ],
)
def test_planned_and_administrative_changes_are_events(names: str) -> None:
    """Jobs start and end, administrators add and remove: nothing is wrong."""
    assert {mapping.role for mapping in derived(names).values()} == {"event"}


def test_a_clear_that_cannot_name_the_resource_clears_nothing() -> None:
    """A clear without a port does not say which of many ports is up again."""
    module = Module()
    port = module.column("acmePortStatusText", "acmePortIndex")
    module.notification("acmePortDown", port)
    module.notification("acmePortUp")
    found = module.derived()
    assert found["acmePortUp"].clears == ()
    assert found["acmePortUp"].role == "clear"
    assert found["acmePortDown"].expires_after is not None


def test_a_pair_is_identified_by_what_both_carry() -> None:
    """A reason that only the problem has is no part of the resource."""
    module = Module()
    index = module.column("acmePeerIndex", "acmePeerIndex")
    down_address = module.scalar("acmePeerLastAddress", "IpAddress")
    module.notification("acmePeerDown", index, down_address)
    module.notification("acmePeerUp", index)
    found = module.derived()
    assert found["acmePeerDown"].resource == found["acmePeerUp"].resource == ("acmePeerIndex",)


def test_only_text_about_one_of_many_is_a_suggestion() -> None:
    """Without an identifier a clear would end the alert of another peer, so its confidence is low."""
    module = Module()
    text = module.scalar("acmeMessageText")
    for name in ("acmeBgpPeerDown", "acmeBgpPeerUp", "acmeMainsLost", "acmeMainsRestored"):
        module.notification(name, text)
    found = module.derived()
    assert found["acmeBgpPeerUp"].confidence < 0.5 <= found["acmeMainsRestored"].confidence


def test_power_that_is_restored_ends_running_on_battery() -> None:
    """The names have no stem in common; the state of a UPS does."""
    found = derived("acmeOnBattery acmeLowBattery acmeUtilityPowerRestored")
    assert found["acmeUtilityPowerRestored"].clears == ("acmeOnBattery",)


def test_a_description_that_names_the_problem_pairs() -> None:
    """Names without a common stem are paired by the description of the clear."""
    module = Module()
    module.notification("acmeRouteLimitExceeded")
    module.notification("acmeQuotaFine", text="Sent after acmeRouteLimitExceeded when there is room again.")
    assert module.derived()["acmeQuotaFine"].clears == ("acmeRouteLimitExceeded",)


def test_nearly_the_same_words_with_the_same_objects_pair() -> None:
    """A word that is written twice in one name does not part it from its clear."""
    found = derived("acmeVrfNumVrfRouteMaxThreshExceeded acmeNumVrfRouteMaxThreshCleared acmeFanFailed")
    assert found["acmeNumVrfRouteMaxThreshCleared"].clears == ("acmeVrfNumVrfRouteMaxThreshExceeded",)
