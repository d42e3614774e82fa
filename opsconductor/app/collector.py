"""Keeps Python's garbage collector from holding the event loop."""

import gc

THRESHOLDS = (5_000, 2, 100_000)
"""New objects until the youngest are looked at, and how often that until the next older are: 5,000 take
about a millisecond, 10,000 of those that live longer, most of them alerts, some five. The oldest are looked
at after a thousand million."""


def spare_long_lived_objects() -> None:
    """Let the garbage collector look at few objects at a time, and at old ones almost never.

    The engine's alerts live long and hold no circles. With Python's defaults the collector walks
    through them again and again: a fifth of the processor time of a storm, and with a million alerts
    pauses of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
