"""Tuning of Python's garbage collector, so that it does not block the event loop."""

import gc

THRESHOLDS = (50_000, 1, 100_000)
"""Thresholds of the garbage collector: new objects until a collection of the youngest generation, and how
many of those until the next older. A batch of new alerts has fewer, and its end collects: then most of them
are freed already, and are not examined. 50,000 objects take five to ten milliseconds. The oldest generation
is collected after five thousand million.
"""


def spare_long_lived_objects() -> None:
    """Make the garbage collector examine few objects at a time, and old ones almost never.

    The engine's alerts are long-lived and contain no cycles. With Python's defaults the collector traverses
    them repeatedly: a fifth of the processor time of a storm, and with a million alerts pauses of a second.
    """
    gc.freeze()  # what the start has left behind, too: looking for it takes a quarter of a second
    gc.set_threshold(*THRESHOLDS)
