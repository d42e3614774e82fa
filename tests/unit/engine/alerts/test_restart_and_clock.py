"""State that a restart, a new inventory or a wrong clock must not break."""

from datetime import timedelta

import pytest

from opsconductor.engine import memory
from opsconductor.engine.clock import END, EngineClock, earlier, later
from opsconductor.engine.memory import ClearMemory, NoticeMemory
from opsconductor.model.command import Acknowledge
from opsconductor.model.enums import Status
from tests.support.engine.pipeline_scene import ANNA, START, Scene, device, needs, report, rule, seconds

CORE, EDGE = "10.0.0.1", "10.0.0.2"
DOWN = "network_unreachable"


def test_a_held_alert_is_notified_after_a_restart() -> None:
    """The time until which it is held is stored with the alert."""
    scene = Scene(needs(EDGE, CORE))
    scene.problem(EDGE, DOWN)
    scene.now += seconds(2)
    scene.restart()
    assert scene.wait(0).is_empty
    scene.wait(3)
    assert scene.sent() == [f"problem {EDGE}"]


def test_a_restart_sends_nothing_twice() -> None:
    """Sent, suppressed, in grace, acknowledged: all stay unchanged."""
    scene = Scene(needs(EDGE, CORE))
    scene.problem(CORE, DOWN)
    scene.problem(EDGE, DOWN)
    scene.restart()
    assert scene.wait(0).is_empty
    scene.wait(3600)
    assert scene.sent() == [f"problem {CORE}"]
    assert scene.alert(CORE, DOWN).impacted == 1


def test_grace_goes_on_after_a_restart() -> None:
    """The grace began before the restart."""
    scene = Scene(needs(EDGE, CORE))
    scene.problem(CORE, DOWN)
    scene.problem(EDGE, DOWN)
    scene.clear(CORE, DOWN)
    scene.wait(10)
    scene.restart()
    scene.wait(20)
    assert scene.sent()[-1] == f"problem {EDGE}"


def test_a_consequence_whose_cause_is_no_longer_known_gets_grace() -> None:
    """Its row may have been deleted, or it was resolved while the daemon was down."""
    scene = Scene(needs(EDGE, CORE))
    scene.problem(CORE, DOWN)
    scene.problem(EDGE, DOWN)
    rows = [row for row in scene.rows() if row.device_ip == EDGE]
    scene.engine = scene._new_engine()
    scene.engine.load(rows, scene.now)
    scene.wait(0)
    scene.wait(30)
    assert scene.alert(EDGE, DOWN).status is Status.ACTIVE


def test_flapping_and_expiry_go_on_after_a_restart() -> None:
    """Their times are stored with the alert, too."""
    scene = Scene()
    for _ in range(3):
        scene.problem(EDGE)
        scene.clear(EDGE)
    scene.problem(CORE, "x", expires_after=seconds(3600))
    scene.restart()
    scene.wait(301)
    assert scene.alert(EDGE).status is Status.RESOLVED
    scene.wait(3300)
    assert scene.alert(CORE, "x").status is Status.EXPIRED


def test_a_problem_after_a_restart_reopens_what_was_closed_before() -> None:
    """The reopen window does not care."""
    scene = Scene()
    scene.problem(EDGE)
    scene.clear(EDGE)
    scene.restart()
    scene.wait(1)
    assert scene.problem(EDGE).updated[0].status is Status.ACTIVE


def test_a_command_right_after_a_restart_is_carried_out() -> None:
    """It does not wait for the first tick."""
    scene = Scene()
    scene.problem(EDGE)
    scene.restart()
    scene.order(Acknowledge(alert_id=scene.alert(EDGE).id, operator=ANNA))
    assert scene.alert(EDGE).status is Status.ACKNOWLEDGED


def test_after_loading_the_engine_wants_to_be_woken_at_once() -> None:
    """It must reevaluate everything with the present inventory."""
    scene = Scene()
    scene.problem(EDGE)
    scene.restart()
    due = scene.engine.next_due()
    assert due is not None
    assert due <= scene.now
    scene.wait(0)
    assert scene.engine.next_due() is None


def test_a_clock_that_is_set_back_does_not_delay_what_is_held() -> None:
    """By an hour: the hold lasts for its own length from now, not for an hour."""
    scene = Scene(needs(EDGE, CORE))
    scene.problem(EDGE, DOWN)
    scene.wait(-3600)
    scene.wait(30)
    assert scene.sent() == [f"problem {EDGE}"]


def test_a_clock_that_is_set_back_does_not_make_clears_look_late() -> None:
    """A time from the future is corrected."""
    scene = Scene()
    scene.problem(EDGE)
    scene.now -= timedelta(hours=2)
    scene.clear(EDGE)
    assert scene.alert(EDGE).status is Status.RESOLVED


def test_a_clock_that_is_set_back_does_not_make_snapshots_look_old() -> None:
    """The poller's next snapshot counts."""
    scene = Scene()
    scene.poll("nas", report(EDGE, at=scene.now))
    scene.now -= timedelta(hours=2)
    scene.poll("nas")
    assert scene.alert(EDGE).status is Status.RESOLVED


@pytest.mark.parametrize("with_restart", [False, True])
def test_a_clock_set_back_a_day_leaves_no_alert_of_tomorrow(*, with_restart: bool) -> None:
    """It does not lead every list with age 0, and its recovery comes after its last report."""
    scene = Scene()
    scene.problem(CORE)
    scene.order(Acknowledge(alert_id=scene.alert(CORE).id, operator=ANNA))
    began_at = scene.alert(CORE).occurred_at
    scene.now -= timedelta(days=1)
    if with_restart:
        scene.restart()
    scene.wait(0)
    scene.wait(60)
    scene.problem(EDGE)
    alert = scene.alert(CORE)
    assert alert.occurred_at <= alert.last_occurrence_at < scene.alert(EDGE).occurred_at
    assert alert.acknowledged_at is not None
    assert alert.acknowledged_at <= scene.now
    entry = scene.history(alert)[-1]
    assert (entry.rule, entry.changes["occurred_at"][0]) == ("clock.set_back", began_at.isoformat())  # type: ignore[index]
    scene.clear(CORE)
    alert = scene.alert(CORE)
    assert alert.resolved_at is not None
    assert alert.occurred_at <= alert.last_occurrence_at <= alert.resolved_at <= scene.now


def test_expiry_and_flapping_survive_a_clock_that_is_set_back() -> None:
    """Both end after their length of time, by the clock as it is now."""
    scene = Scene()
    scene.problem(CORE, "x", expires_after=seconds(600))
    for _ in range(3):
        scene.problem(EDGE)
        scene.clear(EDGE)
    scene.wait(-86_400)
    scene.wait(601)
    assert scene.alert(CORE, "x").status is Status.EXPIRED
    assert scene.alert(EDGE).status is Status.RESOLVED


def test_a_small_step_back_keeps_history_in_order() -> None:
    """Time servers correct by seconds: the clear does not seem to come before the problem."""
    scene = Scene()
    scene.problem(EDGE)
    scene.now -= seconds(4)
    scene.clear(EDGE)
    first, second = scene.history(scene.alert(EDGE))
    assert first.created_at < second.created_at
    resolved_at = scene.alert(EDGE).resolved_at
    assert resolved_at is not None
    assert resolved_at >= scene.alert(EDGE).occurred_at


@pytest.mark.parametrize("under_way_s", [0.0, 0.01, 3.0])
def test_order_is_kept_while_a_small_step_back_is_waited_out(under_way_s: float) -> None:
    """A clear that was delayed a moment longer than its problem still comes after it."""
    scene = Scene()
    scene.problem(CORE)
    scene.now -= seconds(4)
    scene.send(report(EDGE, at=scene.now))
    scene.now += seconds(1)
    scene.send(report(EDGE, severity="clear", at=scene.now - seconds(under_way_s)))
    assert scene.alert(EDGE).status is Status.RESOLVED


def test_order_is_kept_when_a_small_step_back_has_been_waited_out() -> None:
    """A clear that was received just before the clock goes on, and is handled just after, is not late."""
    scene = Scene()
    scene.problem(CORE)
    stood_at = scene.now
    scene.now -= seconds(4)
    scene.send(report(EDGE, at=scene.now))
    scene.now = stood_at + seconds(0.001)
    scene.send(report(EDGE, severity="clear", at=stood_at - seconds(0.005)))
    assert scene.alert(EDGE).status is Status.RESOLVED


def test_a_late_report_stays_late_while_a_small_step_back_is_waited_out() -> None:
    """A clear from a minute ago ends no problem of now."""
    scene = Scene()
    scene.problem(CORE)
    scene.now -= seconds(4)
    scene.send(report(EDGE, at=scene.now))
    scene.send(report(EDGE, severity="clear", at=scene.now - seconds(60)))
    assert scene.alert(EDGE).status is Status.ACTIVE


def test_a_jump_far_forward_does_everything_that_is_due_once() -> None:
    """As when a suspended machine resumes."""
    scene = Scene(needs(EDGE, CORE))
    scene.problem(EDGE, DOWN)
    scene.problem(CORE, "x", expires_after=seconds(60))
    scene.wait(10 * 365 * 86_400)
    assert scene.sent().count(f"problem {EDGE}") == 1
    assert scene.alert(CORE, "x").status is Status.EXPIRED


def test_the_end_of_time_is_no_error() -> None:
    """A mapping may say ten thousand years."""
    scene = Scene()
    scene.problem(EDGE, expires_after=timedelta.max)
    assert scene.alert(EDGE).expires_at == END
    assert later(START, timedelta.max) == END
    assert earlier(START, timedelta.max).year == 1


def test_stamps_of_rows_never_repeat() -> None:
    """However many rows a step writes at one time."""
    clock = EngineClock()
    clock.observe(START)
    stamps = [clock.stamp() for _ in range(1000)]
    assert len(set(stamps)) == 1000
    assert stamps == sorted(stamps)


def test_an_address_that_turns_out_to_belong_to_a_known_device_moves_the_alert() -> None:
    """Otherwise its clear, sent from the main address, would never find it."""
    scene = Scene()
    scene.problem("192.0.2.9")
    core = device(CORE, "core-1", addresses=("192.0.2.9",))
    scene.reconfigure(devices=[core])
    alert = scene.alert(CORE)
    assert (alert.device_name, scene.story(alert)) == ("core-1", ["created", "updated"])
    scene.clear("192.0.2.9")
    assert scene.alert(CORE).status is Status.RESOLVED


def test_two_alerts_that_turn_out_to_be_one_become_one() -> None:
    """One goes on, the other is closed."""
    scene = Scene()
    scene.problem("192.0.2.9")
    scene.problem(CORE)
    scene.reconfigure(devices=[device(CORE, "core-1", addresses=("192.0.2.9",))])
    assert scene.alert("192.0.2.9").status is Status.RESOLVED
    assert scene.alert(CORE).status is Status.ACTIVE
    assert scene.history(scene.alert("192.0.2.9"))[-1].rule == "inventory.same_device"


def test_a_device_known_by_name_only_gets_its_address() -> None:
    """Once the inventory has it."""
    scene = Scene()
    scene.problem(None, device_name="app-7")
    scene.reconfigure(devices=[device("10.0.0.7", "app-7")])
    assert scene.alert("10.0.0.7").device_name == "app-7"


def test_a_new_name_and_role_reach_open_alerts() -> None:
    """Name, impact and priority follow the inventory."""
    scene = Scene(devices=[device(CORE, "old")])
    scene.problem(CORE)
    scene.reconfigure(devices=[device(CORE, "new", role="core-switch")])
    alert = scene.alert(CORE)
    assert (alert.device_name, alert.impact, alert.priority) == ("new", "high", "P1")


def test_closed_alerts_leave_memory_after_the_reopen_window() -> None:
    """And nothing else of them stays in memory."""
    scene = Scene()
    for number in range(50):
        scene.problem(f"10.0.1.{number}", expires_after=seconds(86_400))
        scene.clear(f"10.0.1.{number}")
    scene.wait(301)
    book = scene.engine._state.book
    assert not book.closed
    assert not book._fingerprints


def test_timers_of_closed_alerts_do_not_accumulate(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that comes and goes leaves no timers behind."""
    monkeypatch.setattr("opsconductor.engine.state.SPARE_TIMERS", 100)
    scene = Scene()
    for _ in range(500):
        scene.problem(EDGE, expires_after=seconds(86_400))
        scene.clear(EDGE)
        scene.wait(120)
    assert len(scene.engine._state.timers) <= 200


def test_very_many_remembered_clears_are_removed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step removes some of what is too old, and the next ones the rest."""
    monkeypatch.setattr(memory, "MOST_PRUNED", 2)
    clears, over = ClearMemory(), START + seconds(60)
    for number in range(5):
        clears.remember(str(number), START, over)
    left = []
    for _ in range(3):
        clears.prune(over)
        left.append(sum(clears.find(str(number)) is not None for number in range(5)))
        assert (clears.until <= over) == (left[-1] > 0)
    assert left == [3, 1, 0]


def test_a_clear_that_is_too_old_does_not_matter_before_it_is_removed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A problem after the memory's time is sent, though there was no time yet to forget its clear."""
    monkeypatch.setattr(memory, "MOST_PRUNED", 0)
    scene = Scene()
    scene.clear(EDGE)
    scene.wait(61)
    assert scene.problem(EDGE, late_s=70).created[0].status is Status.ACTIVE


def test_remembered_clears_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are removed first."""
    monkeypatch.setattr(memory, "MOST_CLEARS", 3)
    clears = ClearMemory()
    for number in range(5):
        clears.remember(str(number), START, START + seconds(60))
    known = [clears.find(str(number)) is not None for number in range(5)]
    assert known == [False, False, True, True, True]


def test_remembered_notices_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are removed first."""
    monkeypatch.setattr(memory, "MOST_NOTICES", 3)
    notices, quiet = NoticeMemory(), rule("quiet", throttle_s=60)
    for number in range(5):
        notices.remember(quiet, str(number), at=START, rank=3)
    kept = [notices.quiet_until(quiet, str(number), now=START, rank=3) is not None for number in range(5)]
    assert kept == [False, False, True, True, True]


def test_shorter_times_of_a_new_configuration_hold_from_now_on() -> None:
    """The reopen window is applied when the problem comes back."""
    scene = Scene()
    scene.problem(EDGE)
    scene.clear(EDGE)
    scene.wait(60)
    scene.reconfigure(reopen_window=seconds(30))
    assert scene.problem(EDGE).created


@pytest.mark.parametrize("repeats", [0, 2])
def test_clear_that_came_after_a_problem_of_the_wrong_clock_ends_it(repeats: int) -> None:
    """Received while the clock was ahead and after it was put right, problem and clear keep their order."""
    scene = Scene()
    ahead, soon = scene.now + seconds(90), scene.now - seconds(0.005)
    problems = [report(EDGE, at=ahead + seconds(number)) for number in range(repeats + 1)]
    scene.send(*problems, report(EDGE, severity="clear", at=soon))
    assert scene.alert(EDGE).status is Status.RESOLVED


def test_clear_of_the_wrong_clock_ends_a_problem_of_the_right_one() -> None:
    """A clear received while the clock was ahead is not late, though its problem is seconds old."""
    scene = Scene()
    scene.problem(EDGE)
    scene.now += seconds(2)
    scene.send(report(EDGE, severity="clear", at=scene.now + seconds(90)))
    assert scene.alert(EDGE).status is Status.RESOLVED


def test_a_shorter_grace_time_holds_for_what_waits_as_after_a_restart() -> None:
    """A consequence whose cause is over is not held for the hour of the former configuration."""
    scene = Scene(needs("10.0.0.2", "10.0.0.1"), settle_time=0, grace_time=3_600)
    scene.problem("10.0.0.1")
    scene.problem("10.0.0.2")
    scene.clear("10.0.0.1")
    scene.reconfigure(needs("10.0.0.2", "10.0.0.1"), grace_time=timedelta(seconds=60))
    assert scene.alert("10.0.0.2").notify_at == scene.now + seconds(60)
    scene.restart()
    assert scene.wait(0).is_empty
