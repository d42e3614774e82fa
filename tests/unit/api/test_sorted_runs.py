"""Pages of several sorted lists."""

from random import Random, randrange

from opsconductor.api.sorted_runs import SortedRun, page_of_runs


def test_a_page_of_runs_is_the_page_of_all_items_in_order() -> None:
    """However the items are divided, empty runs and pages beyond the end included."""
    for seed in range(first := randrange(10**6), first + 500):
        chance = Random(seed)
        items = chance.sample(range(1_000), chance.randrange(200))
        parts: list[list[int]] = [[] for _ in range(chance.randrange(1, 6))]
        for item in items:
            chance.choice(parts).append(item)
        runs = [SortedRun(items=sorted(part), key=lambda item: item) for part in parts]
        begin = chance.randrange(220)
        end = begin + chance.randrange(60)
        assert page_of_runs(runs, begin, end) == sorted(items)[begin:end], seed


def test_items_before_a_distant_page_are_hardly_examined() -> None:
    """Keys are computed for a few items, not for all that precede the page."""
    asked: list[int] = []

    def key(item: int) -> int:
        asked.append(item)
        return item

    runs = [SortedRun(items=range(start, 1_000_000, 5), key=key) for start in range(5)]
    assert page_of_runs(runs, 500_000, 500_003) == [500_000, 500_001, 500_002]
    assert len(asked) < 10_000
