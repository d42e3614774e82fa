"""The alarm budget after a restart: no full burst, and waiting findings still get a token."""

import json

from opsconductor.detect.budget import AlarmBudget, BudgetConfig, BudgetReason, Candidate
from opsconductor.detect.config import DAY_S

CONFIG = BudgetConfig(per_day=4.0, burst=2.0)
AT = 1.8e9


def rare(number: int, at: float, *, site: str = "") -> Candidate:
    """Return a finding of a device of its own that may become an alert."""
    return Candidate(key=f"key-{number}", time=at, rarity=6.0, device=f"device-{number}", site=site)


def restarted(budget: AlarmBudget) -> AlarmBudget:
    """Return the budget as a checkpoint restores it."""
    return AlarmBudget.restored(CONFIG, json.loads(json.dumps(budget.saved())))


def test_a_restart_gives_no_burst() -> None:
    """Spent tokens stay spent; they return with time only."""
    budget = AlarmBudget(CONFIG, AT)
    offered = budget.offer([rare(1, AT, site="north"), rare(2, AT), rare(3, AT)], AT)
    assert [each.admitted for each in offered] == [True, True, False]
    again = restarted(budget)
    (fresh, waiting) = again.offer([rare(4, AT + 1, site="north")], AT + 1)
    assert (waiting.reason, fresh.reason) == (BudgetReason.NO_TOKEN, BudgetReason.SITE_SHARE)
    later = AT + DAY_S / 4 + 2
    assert [each.admitted for each in again.offer([rare(5, later)], later)] == [True]


def test_it_goes_on_as_if_there_was_no_restart() -> None:
    """Groups, thresholds and waiting findings are the same, step by step."""
    budget = AlarmBudget(CONFIG, AT)
    kept = AlarmBudget(CONFIG, AT)
    for step in range(40):
        at = AT + step * 3_000
        candidates = [rare(step, at, site=f"site-{step % 3}"), rare(step - 1, at)]
        assert budget.offer(candidates, at) == kept.offer(candidates, at)
        budget = restarted(budget)
    assert json.dumps(budget.saved()) == json.dumps(kept.saved())
