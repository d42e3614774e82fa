"""Maintenance windows: nothing is sent during a window, and problems that remain are sent at its end."""

from datetime import timedelta
from uuid import UUID

from opsconductor.model.command import Acknowledge, Resolve, Shelve, Unacknowledge
from opsconductor.model.enums import Severity
from opsconductor.model.notifications.maintenance import MaintenanceWindow, MuteMode
from opsconductor.model.notifications.rule import Conditions
from tests.support.engine.pipeline_scene import ALL, ANNA, START, Scene, device, needs, rule, seconds

CORE, LEAF, OTHER = "10.0.0.1", "10.1.2.3", "10.1.2.4"
HOUR = 3_600


def window(
    name: str = "work",
    begin_s: float = 0,
    end_s: float | None = HOUR,
    *,
    behind: str = "",
    mode: MuteMode = MuteMode.MUTE,
    **conditions: object,
) -> MaintenanceWindow:
    """Declare a window by its begin and end in seconds after the start of the scene."""
    return MaintenanceWindow(
        id=UUID(int=len(name)),
        name=name,
        start_at=START + seconds(begin_s),
        end_at=None if end_s is None else START + seconds(end_s),
        conditions=Conditions(**conditions),  # type: ignore[arg-type]
        behind=behind,
        mode=mode,
    )


AT_LEAF = window(device_ip_pattern=(LEAF,))


def test_a_fault_during_a_window_is_sent_at_its_end_if_it_lasts() -> None:
    """The alert is open and marked, its history has the reason, and the end sends the rest once."""
    scene = Scene(windows=[AT_LEAF])
    scene.problem(LEAF)
    scene.problem(OTHER)
    alert = scene.alert(LEAF)
    assert (alert.muted_by, alert.muted_until) == ("maintenance work", START + seconds(HOUR))
    assert scene.history(alert)[0].changes["muted_by"] == [None, "maintenance work"]
    assert scene.sent() == [f"problem {OTHER}"]
    assert scene.engine.next_due() == START + seconds(HOUR)
    scene.wait(HOUR - 1)
    assert len(scene.sent()) == 1
    scene.wait(1)
    assert scene.sent()[1:] == [f"problem {LEAF}"]
    alert = scene.alert(LEAF)
    assert (alert.muted_by, alert.muted_until, alert.muted_kind) == (None, None, "")
    entry = scene.history(alert)[-1]
    assert (entry.action, entry.rule) == ("notified", "mute.over")
    assert scene.verdicts(entry) == [("all", True, "all conditions are met")]
    assert scene.wait(HOUR).is_empty


def test_a_problem_resolved_before_the_end_is_not_sent() -> None:
    """Neither the problem nor the recovery is sent: the problem never was."""
    scene = Scene(windows=[AT_LEAF])
    scene.problem(LEAF)
    scene.wait(60)
    scene.clear(LEAF)
    scene.wait(HOUR)
    assert scene.sent() == []
    assert scene.alert(LEAF).muted_by is None


def test_clears_pass_during_a_window() -> None:
    """The recovery of a problem sent before the window is sent at once, also when a person resolves it."""
    scene = Scene(windows=[window(begin_s=60)])
    scene.problem(LEAF)
    scene.problem(OTHER)
    scene.wait(120)
    scene.clear(LEAF)
    scene.order(Resolve(alert_id=scene.alert(OTHER).id, operator=ANNA))
    assert scene.sent()[2:] == [f"recovery {LEAF}", f"recovery {OTHER}"]


def test_an_alert_sent_before_is_sent_at_the_end_only_if_it_is_worse() -> None:
    """It is marked when the window begins; two escalations are one message, from the known severity."""
    scene = Scene(windows=[window(begin_s=60)])
    scene.problem(LEAF, severity="minor")
    scene.problem(OTHER, severity="minor")
    scene.wait(60)
    assert scene.alert(LEAF).muted_by == "maintenance work"
    for severity in ("major", "critical"):
        scene.problem(LEAF, severity=severity)
        scene.problem(OTHER, severity=severity)
    scene.problem(OTHER, severity="minor")
    assert len(scene.sent()) == 2
    scene.wait(HOUR)
    assert scene.sent()[2:] == [f"worse {LEAF}"]
    message = scene.changes[-1].notifications[-1]
    assert (message.facts["old_severity"], message.facts["severity"]) == ("minor", "critical")


def test_an_unchanged_alert_is_not_sent_at_the_end() -> None:
    """An alert from before the window that has not changed is not sent again."""
    scene = Scene(windows=[window(begin_s=60)])
    scene.problem(LEAF)
    scene.wait(60)
    scene.wait(HOUR)
    assert scene.sent() == [f"problem {LEAF}"]
    assert scene.story(scene.alert(LEAF)) == ["created", "updated", "updated"]


def test_flapping_during_a_window_is_sent_at_its_end_if_it_still_flaps() -> None:
    """One message then; an alert that became stable and is still open is sent as a problem."""
    scene = Scene(windows=[window()], flap_stable_time=timedelta(seconds=600), flap_transitions=4)
    for _ in range(3):
        scene.problem(LEAF)
        scene.clear(LEAF)
    scene.problem(LEAF)
    assert scene.alert(LEAF).flapping_since is not None
    scene.wait(HOUR)
    assert scene.sent() == [f"problem {LEAF}"]


def test_a_window_ended_early_or_deleted_releases_its_alerts_at_once() -> None:
    """The step that loads the windows releases them; a window that lasts longer keeps its alerts."""
    scene = Scene(windows=[AT_LEAF])
    scene.problem(LEAF)
    scene.wait(60)
    scene.maintain(window(end_s=2 * HOUR))
    scene.wait(HOUR)
    assert scene.sent() == []
    assert scene.alert(LEAF).muted_until == START + seconds(2 * HOUR)
    scene.maintain()
    assert scene.sent() == [f"problem {LEAF}"]


def test_of_several_windows_the_one_that_ends_last_counts() -> None:
    """And an end that is moved forward takes effect."""
    scene = Scene(windows=[AT_LEAF, window("longer", end_s=2 * HOUR)])
    scene.problem(LEAF)
    assert scene.alert(LEAF).muted_by == "maintenance longer"
    scene.maintain(AT_LEAF, window("longer", end_s=600))
    assert scene.alert(LEAF).muted_by == "maintenance work"
    scene.wait(HOUR)
    assert scene.sent() == [f"problem {LEAF}"]


def test_rules_that_fire_later_wait_for_the_end() -> None:
    """The time without acknowledgement begins at the end; a rule with a minimum age fires at once."""
    rules = [
        ALL,
        rule("boss", 5, unacknowledged_for=timedelta(minutes=15)),
        rule("old", 6, minimum_age=timedelta(minutes=30)),
    ]
    scene = Scene(rules=rules, windows=[window(begin_s=60)])
    scene.problem(LEAF)
    scene.wait(HOUR - 1)
    assert [who for _, _, who in scene.notified()] == ["noc@example.org"]
    scene.wait(1)
    assert [who for _, _, who in scene.notified()][1:] == ["old"]
    scene.wait(899)
    assert len(scene.notified()) == 2
    scene.wait(1)
    assert [who for _, _, who in scene.notified()][2:] == ["boss"]


def test_escalation_of_a_held_alert_begins_at_the_end() -> None:
    """Not all of its steps run at once, because the first message is sent only then."""
    rules = [ALL, rule("boss", 5, unacknowledged_for=timedelta(minutes=15))]
    scene = Scene(rules=rules, windows=[AT_LEAF])
    scene.problem(LEAF)
    scene.wait(HOUR)
    assert [who for _, _, who in scene.notified()] == ["noc@example.org"]
    scene.wait(900)
    assert [who for _, _, who in scene.notified()] == ["noc@example.org", "boss"]


def test_an_acknowledged_alert_stays_so_over_the_end() -> None:
    """Nothing is sent; when the acknowledgement is withdrawn later, it is sent like any other."""
    scene = Scene(windows=[AT_LEAF])
    scene.problem(LEAF)
    alert = scene.alert(LEAF)
    scene.order(Acknowledge(alert_id=alert.id, operator=ANNA))
    scene.wait(HOUR)
    assert scene.sent() == []
    scene.order(Unacknowledge(alert_id=alert.id, operator=ANNA))
    assert scene.sent() == [f"problem {LEAF}"]


def test_a_consequence_stays_one_over_the_end() -> None:
    """The cause is sent at the end; the alert it suppresses is not."""
    scene = Scene(needs(LEAF, CORE), windows=[window()], settle_time=seconds(10), grace_time=seconds(10))
    scene.problem(LEAF)
    scene.problem(CORE, "network_unreachable", "critical")
    scene.wait(HOUR)
    assert scene.sent() == [f"problem {CORE}"]
    scene.clear(CORE, "network_unreachable")
    scene.wait(10)
    assert scene.sent()[1:] == [f"recovery {CORE}", f"problem {LEAF}"]


def test_a_held_alert_survives_a_restart() -> None:
    """The hold is stored with the alert; a window that is removed by then releases it."""
    scene = Scene(windows=[AT_LEAF])
    scene.problem(LEAF)
    scene.restart()
    scene.wait(1)
    assert scene.sent() == []
    scene.windows = ()
    scene.restart()
    scene.wait(1)
    assert scene.sent() == [f"problem {LEAF}"]


def test_conditions_follow_the_alert() -> None:
    """An alert that gets worse than a window covers is sent at once; one that enters it is marked."""
    scene = Scene(windows=[window(severity=(Severity.MINOR,))])
    scene.problem(LEAF, severity="minor")
    assert scene.sent() == []
    scene.problem(LEAF, severity="major")
    assert scene.sent() == [f"problem {LEAF}"]
    scene.problem(LEAF, severity="minor")
    assert scene.alert(LEAF).muted_by == "maintenance work"


def test_behind_means_what_is_cut_off_without_the_device() -> None:
    """The device itself and those below; not one with a path around it."""
    network = (*needs(LEAF, CORE), *needs("10.1.9.9", LEAF), *needs(OTHER, CORE, "10.0.0.2"))
    scene = Scene(
        network, devices=[device(CORE, "core-1")], windows=[window(behind="core-1")], settle_time=seconds(0)
    )
    for address in (CORE, LEAF, "10.1.9.9", OTHER):
        scene.problem(address, "power_fan_failed")
    assert scene.sent() == [f"problem {OTHER}"]


def test_hidden_alerts_are_marked_so() -> None:
    """Also those that are suppressed or held, and those open before the window begins."""
    scene = Scene(windows=[window(begin_s=60, mode=MuteMode.HIDE)])
    scene.problem(LEAF)
    assert not scene.alert(LEAF).is_hidden
    scene.wait(60)
    assert scene.alert(LEAF).is_hidden
    scene.clear(LEAF)
    assert not scene.alert(LEAF).is_hidden


def test_an_alert_is_shown_again_when_the_window_that_hides_it_ends_before_others() -> None:
    """A longer window or a shelf goes on muting it, and it is back in the lists."""
    scene = Scene(windows=[window(mode=MuteMode.HIDE, end_s=60), window("longer")])
    scene.problem(LEAF)
    assert scene.alert(LEAF).is_hidden
    scene.wait(60)
    assert (scene.alert(LEAF).muted_by, scene.alert(LEAF).is_hidden) == ("maintenance longer", False)


def test_a_clock_set_back_before_the_window_releases_what_it_held() -> None:
    """The window has not begun by the corrected clock."""
    scene = Scene(windows=[window(begin_s=0)])
    scene.problem(LEAF)
    scene.wait(-600)
    scene.wait(1)
    assert scene.sent() == [f"problem {LEAF}"]


def test_many_alerts_follow_in_steps_of_bounded_cost() -> None:
    """10,000 open alerts take several steps, and all are marked and released."""
    scene = Scene(windows=[window(begin_s=60)])
    for number in range(3_000):
        scene.problem(f"10.9.{number // 250}.{number % 250}")
    scene.wait(60)
    steps = 0
    while scene.engine.next_due() == scene.now:
        scene.wait(0)
        steps += 1
    assert steps > 3
    assert all(alert.muted_by for alert in scene.engine.open_alerts())
    scene.maintain()
    while scene.engine.next_due() == scene.now:
        scene.wait(0)
    assert not any(alert.muted_by for alert in scene.engine.open_alerts())


def test_the_status_of_a_device_mutes_it_as_long_as_it_lasts() -> None:
    """The next inventory with another status releases open alerts; such a window has no end."""
    out_of_service = window(end_s=None, device_status=("offline", "planned"))
    scene = Scene(devices=[device(LEAF, "leaf", status="offline")], windows=[out_of_service])
    scene.problem(LEAF)
    scene.problem(OTHER)
    alert = scene.alert(LEAF)
    assert (alert.muted_by, alert.muted_until) == ("maintenance work", None)
    assert scene.sent() == [f"problem {OTHER}"]
    scene.reconfigure(devices=[device(LEAF, "leaf", status="active")])
    while scene.engine.next_due() == scene.now:
        scene.wait(0)
    assert scene.sent()[1:] == [f"problem {LEAF}"]


def test_a_shelf_is_not_forgotten_when_a_window_ends_in_the_same_step() -> None:
    """An alert that comes back at that moment is marked as shelved."""
    scene = Scene(needs(LEAF, CORE), settle_time=seconds(10))
    scene.problem(LEAF)
    shelf = Shelve(alert_id=scene.alert(LEAF).id, operator=ANNA, until=START + seconds(120), notes="")
    scene.order(shelf)
    scene.clear(LEAF)
    scene.maintain(window(device_ip_pattern=(OTHER,), end_s=20))
    scene.now += seconds(20)
    scene.problem(LEAF)
    while scene.engine.next_due() == scene.now:
        scene.wait(0)
    assert scene.alert(LEAF).muted_by == "shelved by anna"


def test_a_problem_that_comes_back_worse_is_not_shelved_any_more() -> None:
    """It was shelved with a lower severity, as one that gets worse while it is open."""
    scene = Scene(settle_time=0)
    scene.problem(LEAF, severity="warning")
    scene.order(Shelve(alert_id=scene.alert(LEAF).id, operator=ANNA, until=START + seconds(120), notes=""))
    scene.clear(LEAF)
    scene.problem(LEAF, severity="critical")
    assert scene.alert(LEAF).shelved_until is None
    assert scene.sent()[-1] == f"problem {LEAF}"


def test_a_shelf_outlasts_the_end_of_the_problem() -> None:
    """An alert that comes back within the reopen window is marked again, also while it is held."""
    scene = Scene(needs(LEAF, CORE), settle_time=seconds(10))
    scene.problem(LEAF)
    alert = scene.alert(LEAF)
    scene.order(Shelve(alert_id=alert.id, operator=ANNA, until=START + seconds(120), notes="spare part"))
    scene.clear(LEAF)
    scene.wait(5)
    scene.problem(LEAF)
    assert scene.alert(LEAF).muted_by == "shelved by anna: spare part"
    scene.wait(60)
    assert scene.sent() == []
    scene.wait(55)
    assert scene.sent() == [f"problem {LEAF}"]
    assert scene.alert(LEAF).shelved_until is None
