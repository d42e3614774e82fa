"""Laws of the budgets: every report is counted, clears pass, others are unaffected, memory is bounded."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from opsconductor.flood.limiter import fair_shares
from opsconductor.flood.reserves import SHARE, AlertKind, Reserve
from opsconductor.limits import Rate, TokenBucket
from opsconductor.model.enums import Severity
from opsconductor.model.identified import IdentifiedReport
from opsconductor.model.normalized import NormalizedAlert
from tests.support.engine.pipeline_scene import device, report, seconds
from tests.support.engine.storm_scene import StormScene

QUIET = "10.0.0.99"
DEVICES = st.sampled_from(["10.0.0.1", "10.0.0.2", "172.16.0.1", "172.16.0.2", "172.16.0.3"])
SEVERITIES = st.sampled_from(["critical", "minor", "clear"])
MESSAGES = st.tuples(DEVICES, SEVERITIES, st.integers(0, 9))
BATCHES = st.lists(
    st.tuples(st.lists(MESSAGES, max_size=40), st.sampled_from([0.0, 0.2, 1.0, 40.0])), max_size=12
)
LIMITS = st.fixed_dictionaries(
    {
        "sender_per_s": st.integers(1, 5),
        "sender_burst": st.integers(1, 20),
        "new_alerts_per_s": st.integers(1, 10),
        "new_alerts_burst": st.integers(1, 40),
    }
)


def scene_of(limits: dict[str, int]) -> StormScene:
    """Set a stage on which two of five devices are known."""
    return StormScene([device("10.0.0.1", "core"), device("10.0.0.2", "edge")], **limits)


def reports_of(scene: StormScene, messages: Sequence[tuple[str, str, int]]) -> list[NormalizedAlert]:
    """Make reports."""
    return [
        report(address, severity=severity, resource=f"ifIndex={index}", at=scene.now)
        for address, severity, index in messages
    ]


def is_clear(event: IdentifiedReport) -> bool:
    """Return whether an event is a clear."""
    return event.report.is_clear


@given(BATCHES, LIMITS)
@settings(deadline=None)
def test_every_problem_is_counted_in_exactly_one_alert_and_every_clear_passes(
    batches: list[tuple[list[tuple[str, str, int]], float]], limits: dict[str, int]
) -> None:
    """Whatever comes, in whatever batches, at whatever speed."""
    scene = scene_of(limits)
    problems = 0
    for messages, pause_s in batches:
        sent = scene.identify(*reports_of(scene, messages))
        scene.send(*reports_of(scene, messages))
        passed = scene.admitted.events
        assert len(passed) == len(sent)
        assert [event for event in passed if is_clear(event)] == [event for event in sent if is_clear(event)]
        problems += sum(not is_clear(event) for event in sent)
        own = sum(row.occurrence_count for row in scene.rows() if row.source_system == "traps")
        assert own + scene.summarized.total() == problems
        # beside what is summarized, a storm's alert counts the snapshots that open it
        assert scene.counted() - own >= scene.summarized.total()
        scene.now += seconds(pause_s)
        scene.poll("opsconductor/storms", *scene.budget.storms(scene.now))


@given(BATCHES, st.integers(1, 20))
@settings(deadline=None)
def test_a_device_within_its_budget_is_untouched(
    batches: list[tuple[list[tuple[str, str, int]], float]], burst: int
) -> None:
    """Whatever the others send, as long as all together keep to their budget."""
    scene = scene_of({"sender_per_s": 1, "sender_burst": burst})
    for number, (messages, pause_s) in enumerate(batches[:burst]):
        quiet = report(QUIET, resource=f"n={number}", at=scene.now)
        flood = reports_of(scene, messages)
        scene.send(*flood[::2], quiet, *flood[1::2])
        assert scene.alert(QUIET, resource=f"n={number}").occurrence_count == 1
        scene.now += seconds(pause_s)


@given(BATCHES, LIMITS)
@settings(deadline=None)
def test_passed_reports_keep_to_the_budgets(
    batches: list[tuple[list[tuple[str, str, int]], float]], limits: dict[str, int]
) -> None:
    """New alerts: of each device, and of all known and all unknown ones; storms aside.

    What is worse than everything withheld passes out of a reserve: one at once here, for each severity.
    """
    scene = scene_of(limits)
    elapsed = 0.0
    for messages, pause_s in batches:
        scene.send(*reports_of(scene, messages))
        elapsed += pause_s
        scene.now += seconds(pause_s)
    made = [row for changes in scene.changes for row in changes.created if row.source_system == "traps"]
    for address in {row.device_ip for row in made}:
        own = sum(row.device_ip == address for row in made)
        reserve = 2 * (1 + elapsed * limits["sender_per_s"] * SHARE)
        assert own <= limits["sender_burst"] + elapsed * limits["sender_per_s"] + reserve
    for is_known in (True, False):
        group = sum(str(row.device_ip).startswith("10.0.") is is_known for row in made)
        reserve = 2 * (1 + elapsed * limits["new_alerts_per_s"] * SHARE)
        assert group <= limits["new_alerts_burst"] + elapsed * limits["new_alerts_per_s"] + reserve


@given(
    st.lists(st.tuples(st.integers(1, 300), st.sampled_from(["minor", "major"])), min_size=1, max_size=6),
    st.integers(1, 100),
    st.sampled_from(["critical", "major"]),
)
@example([(1, "minor"), (1, "minor"), (1, "major")], 1, "major")
@settings(deadline=None)
def test_a_report_worse_than_all_withheld_is_an_alert(
    floods: list[tuple[int, str]], burst: int, severity: str
) -> None:
    """However long the storm before it was, whatever its types; unless another has used the reserve."""
    scene = StormScene(sender_per_s=1, sender_burst=burst)
    for number, (amount, kind) in enumerate(floods):
        scene.flood("10.0.0.1", amount, first=1_000 * number, severity=kind)
    held = [kind.severity.value for storm in scene.budget._storms for kind in storm.held]
    worst = max((storm.floor for storm in scene.budget._storms), default=0)
    is_reserve_left = sum(row.source_system == "traps" for row in scene.rows()) <= burst
    scene.send(report("10.0.0.1", "environment_fan_failed", severity, at=scene.now))
    made = [row for row in scene.rows() if row.alert_type == "environment_fan_failed"]
    if held and is_reserve_left and Severity(severity).rank > worst:
        assert [row.severity for row in made] == [severity]
    withheld = [kind.severity.value for storm in scene.budget._storms for kind in storm.held]
    severities = [row.severity for row in scene.rows() if row.alert_type == "network_trap_storm"]
    if "critical" in withheld:
        assert severities == ["critical"]


@given(st.lists(st.tuples(st.integers(0, 30), SEVERITIES), max_size=80), st.integers(1, 400))
def test_a_reserve_never_lets_more_through_than_its_share(wishes: list[tuple[int, str]], burst: int) -> None:
    """For each severity, whatever the alert types are; and never less than one at once."""
    budget, now_s = Rate(per_s=50, burst=burst), 0.0
    reserve, passed = Reserve(budget), Counter[str]()
    for pause_s, severity in wishes:
        now_s += pause_s / 10
        for number in range(5):
            kind = AlertKind(Severity(severity), f"network_{number}")
            if reserve.allows(kind, now_s):
                reserve.take(kind)
                passed[severity] += 1
        assert passed[severity] >= 1
        assert passed[severity] <= max(1, burst * SHARE) + 50 * SHARE * now_s + 1e-6


@given(st.lists(st.tuples(st.integers(0, 200), st.floats(0, 100)), max_size=30), st.integers(1, 50))
def test_a_bucket_never_lets_more_through_than_its_rate_allows(
    wishes: list[tuple[int, float]], burst: int
) -> None:
    """Over any time from its beginning."""
    rate, now_s, passed = Rate(per_s=3, burst=burst), 0.0, 0
    bucket = TokenBucket(rate, now_s)
    for amount, pause_s in wishes:
        now_s += pause_s
        passed += amount - bucket.spend(amount, rate, now_s)
        assert passed <= burst + 3 * now_s + 1e-6


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 100), max_size=20), st.integers(-5, 500))
def test_shares_are_fair(wanted: dict[str, int], supply: int) -> None:
    """No sender gets too much, nothing is left over, and unmet demands get equal shares."""
    shares = fair_shares(wanted, supply)
    assert shares.keys() == wanted.keys()
    assert all(0 <= shares[name] <= wanted[name] for name in wanted)
    assert sum(shares.values()) == max(0, min(supply, sum(wanted.values())))
    hungry = [share for name, share in shares.items() if share < wanted[name]]
    if hungry:
        assert min(hungry) >= max(shares.values()) - 1
