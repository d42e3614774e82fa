"""Tuning of Python's garbage collector, so that it does not block the event loop."""

import gc

THRESHOLDS = (10_000, 1, 100_000)
"""Thresholds of the garbage collector: new objects until a collection of the youngest generation, and how
many of those until the next older. 10,000 objects take about two milliseconds; as many older ones, most of
them alerts, about five. The oldest generation is collected after a thousand million.
"""


def spare_long_lived_objects() -> None:
    """Make the garbage collector examine few objects at a time, and old ones almost never.

    The engine's alerts are long-lived and contain no cycles. With Python's defaults the collector traverses
    them repeatedly: a fifth of the processor time of a storm, and with a million alerts pauses of a second.
    """
    gc.freeze()  # what the start has left behind, too: looking for it takes a quarter of a second
    gc.set_threshold(*THRESHOLDS)
