"""Whether a notification raises, clears, does both, or reports an event."""

import pytest

from tests.support.notify.notifications import Module, derived


@pytest.mark.parametrize(
    "name",
    [
        "acmeFanFailed",
        "acmeTemperatureThresholdExceeded",
        "acmeDiskAlmostFull",
        "acmeConfigMismatch",
        "acmeSyncFailed",
        "acmeLicenseExpired",
    ],
)
def test_a_bad_word_is_a_problem(name: str) -> None:
    """The fault lasts until a clear or an operator ends it."""
    assert derived(name)[name].role == "problem"


@pytest.mark.parametrize(
    "name",
    [
        "acmeUserLogin",
        "acmeConfigChanged",
        "acmeColdStart",
        "acmeBackupCompleted",
        "acmeAuthenticationFailure",
        "acmeLoginFailed",
        "acmeNewRoot",
        "acmeTopologyChange",
    ],
)
def test_an_instantaneous_change_is_an_event(name: str) -> None:
    """It does not last, so nothing ends it."""
    mapping = derived(name)[name]
    assert mapping.role == "event"
    assert mapping.expires_after is not None


@pytest.mark.parametrize(
    ("labels", "clear"),
    [
        ("up down unknown", "1"),
        ("unknown ok failed", "2"),
        ("normal warning critical shutdown", "1"),
        ("failed degraded operational", "3"),
        ("faulty good", "2"),
        ("notSynchronized synchronized", "2"),
    ],
)
def test_a_state_variable_raises_and_clears(labels: str, clear: str) -> None:
    """Labels of an enumeration say which values are good; neutral ones decide nothing."""
    module = Module()
    state = module.scalar("acmeUnitOperStatus", labels=labels)
    module.notification("acmeUnitStatusChange", state)
    mapping = module.derived()["acmeUnitStatusChange"]
    assert mapping.role == "stateful"
    assert mapping.state is not None
    assert (mapping.state.object, mapping.state.clear_values) == ("acmeUnitOperStatus", (clear,))


def test_a_severity_that_can_be_cleared_raises_and_clears() -> None:
    """ITU-T X.733: perceived severity has the value cleared."""
    module = Module()
    severity = module.scalar("acmeSeverity", labels="cleared indeterminate critical major minor warning")
    module.notification("acmeAlarmReport", severity)
    mapping = module.derived()["acmeAlarmReport"]
    assert mapping.state is not None
    assert mapping.state.clear_values == ("1",)
    assert dict(mapping.state.severities) == {
        "1": "clear", "2": "warning", "3": "critical", "4": "major", "5": "minor", "6": "warning"
    }  # fmt: skip


def test_a_severity_without_a_value_for_clear_only_rates() -> None:
    """Such a notification does not end anything."""
    module = Module()
    severity = module.scalar(
        "acmeSeverity", labels="emergency alert critical error warning notice info debug"
    )
    module.notification("acmeDiskFailure", severity)
    mapping = module.derived()["acmeDiskFailure"]
    assert mapping.role == "problem"
    assert mapping.state is not None
    assert mapping.state.clear_values == ()


def test_truth_is_read_with_the_words_around_it() -> None:
    """A fault that is false is over; a link that is false is down."""
    module = Module()
    fault = module.scalar("acmeFanFault", labels="true false", convention="TruthValue")
    ready = module.scalar("acmeModuleReady", labels="true false", convention="TruthValue")
    module.notification("acmeFanFaultChange", fault)
    module.notification("acmeModuleReadyChange", ready)
    found = module.derived()
    clears = {name: mapping.state and mapping.state.clear_values for name, mapping in found.items()}
    assert clears == {"acmeFanFaultChange": ("2",), "acmeModuleReadyChange": ("1",)}


def test_on_is_bad_for_an_alarm_and_good_for_a_thing() -> None:
    """An alarm that is off is over, a fan that is off is not."""
    module = Module()
    alarm = module.scalar("acmeAlarmState", labels="on off")
    fan = module.scalar("acmeFanState", labels="on off")
    module.notification("acmeAisTrap", alarm)
    module.notification("acmeFanStateChange", fan)
    found = module.derived()
    clears = {name: mapping.state and mapping.state.clear_values for name, mapping in found.items()}
    assert clears == {"acmeAisTrap": ("2",), "acmeFanStateChange": ("1",)}


def test_the_state_of_another_thing_does_not_clear() -> None:
    """A port that is up does not end a violation on it, nor does an administrative state."""
    module = Module()
    oper = module.column("acmePortOperStatus", "acmePortIndex", labels="up down")
    admin = module.column("acmeViolationAdminStatus", "acmePortIndex", labels="enabled disabled")
    module.notification("acmeMacViolation", oper, admin)
    assert module.derived()["acmeMacViolation"].role == "problem"


def test_a_module_that_clears_by_names_does_not_clear_by_severity() -> None:
    """Where others have their own clears, `normal` as a severity only rates."""
    module = Module()
    severity = module.scalar("acmeSeverity", labels="normal warning minor major critical")
    for name in ("acmeFanFail", "acmeFanOk", "acmeLinkDown", "acmeLinkUp", "acmePllUnlockDetected"):
        module.notification(name, severity)
    found = module.derived()
    assert [mapping.role for mapping in found.values()].count("stateful") == 0


def test_the_description_decides_where_the_name_says_nothing() -> None:
    """A failure is a problem, a change is an event."""
    module = Module()
    module.notification("acmeEngineTrap", text="Sent when the engine fails to answer.")
    module.notification("acmePolicyTrap", text="Sent when the policy has changed.")
    found = module.derived()
    assert [mapping.role for mapping in found.values()] == ["problem", "event"]


def test_a_return_to_normal_without_a_partner_raises_nothing() -> None:
    """A clear that ends nothing is no alert."""
    found = derived("acmeEngineRecovered acmeFanFail")
    assert (found["acmeEngineRecovered"].role, found["acmeEngineRecovered"].severity) == ("clear", "clear")
