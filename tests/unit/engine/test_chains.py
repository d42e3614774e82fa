"""Numbers of consequences along chains of causes."""

from random import Random, randrange

from opsconductor.engine.correlation.chains import Chains

ALERTS = 12


def test_every_move_leaves_the_numbers_that_counting_gives() -> None:
    """Up, down and across: each alert has the number of those whose chain leads through it."""
    seed = randrange(1_000_000)
    chance, chains = Random(seed), Chains()
    for _ in range(2_000):
        before = {each: chains.count(each) for each in range(ALERTS)}
        chains.changed.clear()
        chains.move(chance.randrange(ALERTS), chance.choice((None, *range(ALERTS))))
        above = [[*chains.chain(each)][1:] for each in range(ALERTS)]
        for each in range(ALERTS):
            assert chains.count(each) == sum(each in others for others in above), seed
            assert chains.count(each) == before[each] or each in chains.changed, seed


def test_unchanged_causes_above_are_not_counted_again() -> None:
    """An alert that moves under a nearer cause changes the number of that cause alone."""
    chains = Chains()
    for alert, cause in ((2, 1), (3, 2), (4, 2)):
        chains.move(alert, cause)
    chains.changed.clear()
    chains.move(4, 3)
    assert [*chains.changed] == [3]
    assert [chains.count(each) for each in (1, 2, 3)] == [3, 2, 1]
