"""Which findings become an alert: the rarest, within the budget, and many at once as one."""

from opsconductor.detect.budget import AlarmBudget, BudgetConfig, BudgetReason, Candidate

DAY_S = 86_400.0


def candidate(key: str, rarity: float, *, device: str = "", site: str = "", time: float = 0.0) -> Candidate:
    """Return a finding."""
    return Candidate(key=key, time=time, rarity=rarity, device=device, site=site)


def reasons(budget: AlarmBudget, candidates: list[Candidate], now: float = 0.0) -> dict[str, BudgetReason]:
    """Offer candidates; return why each was admitted or held back."""
    return {each.candidate.key: each.reason for each in budget.offer(candidates, now)}


def test_the_rarest_of_a_burst_are_admitted_and_the_rest_wait() -> None:
    """Of eight at once the five rarest take the burst; the others wait, and the next token is theirs."""
    budget = AlarmBudget(BudgetConfig(), 0.0)
    found = reasons(budget, [candidate(f"{n}", 5 + n / 10) for n in range(8)])
    assert {key for key, reason in found.items() if reason is BudgetReason.ADMITTED} == set("34567")
    assert found["2"] is BudgetReason.NO_TOKEN
    assert reasons(budget, [], DAY_S / 20 + 1)["2"] is BudgetReason.ADMITTED


def test_a_common_finding_is_never_reported() -> None:
    """A finding that its series has every few months is held back though the budget is full."""
    budget = AlarmBudget(BudgetConfig(), 0.0)
    assert reasons(budget, [candidate("a", 2.0)]) == {"a": BudgetReason.TOO_COMMON}


def test_one_that_becomes_rarer_is_decided_anew() -> None:
    """A finding that was held back is admitted when its rarity rises, and reported once."""
    budget = AlarmBudget(BudgetConfig(), 0.0)
    reasons(budget, [candidate("a", 3.0)])
    assert reasons(budget, [candidate("a", 5.0)], 60)["a"] is BudgetReason.ADMITTED
    assert reasons(budget, [candidate("a", 6.0)], 120)["a"] is BudgetReason.JOINED


def test_many_on_one_device_are_one_alert() -> None:
    """Twenty series of a device take one token, and name the first as their alert."""
    budget = AlarmBudget(BudgetConfig(), 0.0)
    decisions = budget.offer([candidate(f"{n}", 5 + n / 100, device="switch") for n in range(20)], 0.0)
    assert sum(each.reason is BudgetReason.ADMITTED for each in decisions) == 1
    assert {each.group for each in decisions} == {"19"}
    assert all(each.admitted for each in decisions)


def test_many_devices_of_one_site_are_one_alert() -> None:
    """When a whole site is abnormal, most findings join the alert that was reported first."""
    budget = AlarmBudget(BudgetConfig(), 0.0)
    many = [candidate(f"{n}", 5 + n / 100, device=f"d{n}", site="berlin") for n in range(30)]
    decisions = budget.offer(many, 0.0)
    assert sum(each.reason is BudgetReason.ADMITTED for each in decisions) <= 2
    assert sum(each.reason is BudgetReason.JOINED for each in decisions) >= 27


def test_a_site_has_its_share() -> None:
    """One noisy site takes half of the burst, also over hours; others keep their share."""
    budget = AlarmBudget(BudgetConfig(site_devices=99), 0.0)
    noisy = [candidate(f"n{n}", 6, device=f"d{n}", site="noisy") for n in range(4)]
    found = reasons(budget, noisy)
    assert list(found.values()).count(BudgetReason.ADMITTED) == 2
    assert list(found.values()).count(BudgetReason.SITE_SHARE) == 2
    assert reasons(budget, [candidate("o", 5, device="o", site="other")])["o"] is BudgetReason.ADMITTED


def test_the_threshold_follows_a_noisy_week() -> None:
    """After days with a hundred candidates each, only the rarest twenty a day are admitted."""
    budget = AlarmBudget(BudgetConfig(), 0.0)
    for hour in range(3 * 24):
        now = hour * 3600.0
        budget.offer([candidate(f"{hour}/{n}", 5 + n / 2, time=now) for n in range(4)], now)
    assert budget.threshold(3 * DAY_S) > 6
    assert reasons(budget, [candidate("x", 5.5, time=3 * DAY_S)], 3 * DAY_S)["x"] is BudgetReason.BELOW_BEST
