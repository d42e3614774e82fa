"""Numbers of consequences along chains of causes."""

from random import Random, randrange

from opsconductor.engine.correlation.chains import Chains

ALERTS = 12


class Forest:
    """Chains over alerts whose causes are known beside them, as those of the engine are.

    Attributes:
        causes: The cause that each alert names, by alert.
    """

    def __init__(self) -> None:
        self.causes: dict[int, int | None] = {}
        self.chains = Chains(self.causes.get)

    def move(self, alert: int, cause: int | None) -> None:
        """Move an alert under another cause."""
        before, self.causes[alert] = self.causes.get(alert), cause
        if before != cause:
            self.chains.move(alert, before, cause)


def test_every_move_leaves_the_numbers_that_counting_gives() -> None:
    """Up, down and across: each alert has the number of those whose chain leads through it."""
    seed = randrange(1_000_000)
    chance, forest = Random(seed), Forest()
    chains = forest.chains
    for _ in range(2_000):
        before = {each: chains.count(each) for each in range(ALERTS)}
        chains.changed.clear()
        forest.move(chance.randrange(ALERTS), chance.choice((None, *range(ALERTS))))
        above = [[*chains.chain(each)][1:] for each in range(ALERTS)]
        for each in range(ALERTS):
            assert chains.count(each) == sum(each in others for others in above), seed
            assert chains.count(each) == before[each] or each in chains.changed, seed


def test_unchanged_causes_above_are_not_counted_again() -> None:
    """An alert that moves under a nearer cause changes the number of that cause alone."""
    forest = Forest()
    for alert, cause in ((2, 1), (3, 2), (4, 2)):
        forest.move(alert, cause)
    forest.chains.changed.clear()
    forest.move(4, 3)
    assert [*forest.chains.changed] == [3]
    assert [forest.chains.count(each) for each in (1, 2, 3)] == [3, 2, 1]


def test_nothing_is_kept_of_chains_that_have_ended() -> None:
    """Whatever the order in which alerts become roots again, circles included, no number remains."""
    seed = randrange(1_000_000)
    chance, forest = Random(seed), Forest()
    for _ in range(200):
        forest.move(chance.randrange(ALERTS), chance.choice((None, *range(ALERTS))))
    for alert in chance.sample(range(ALERTS), ALERTS):
        forest.move(alert, None)
    assert [forest.chains.count(each) for each in range(ALERTS)] == [0] * ALERTS, seed
    assert [forest.chains.chain(each) for each in range(ALERTS)] == [[each] for each in range(ALERTS)], seed
