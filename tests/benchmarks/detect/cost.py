"""Cost of the detector: user CPU for a sample, bytes for a series, checkpoints, share of a core."""

import resource
import time

import numpy as np

from opsconductor.detect.checkpoint import load, save
from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import Detector

START_S = 1.7e9
LEARN_S = 1_800.0
LEARN_STEPS = 144
"""Three days, so that seasons, tails and findings are at work."""
INTERVAL_S = 60.0
CHECKPOINT_EVERY_MIN = 10


def user_s() -> float:
    """Return the user CPU time of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def learnt(series: int, rng: np.random.Generator) -> tuple[Detector, float]:
    """Return a detector that has learnt some days of noise, and the time of the last sample."""
    detector = Detector(DetectorConfig())
    detector.grow(series)
    rows, at = np.arange(series, dtype=np.int32), START_S
    for _ in range(LEARN_STEPS):
        at += LEARN_S
        detector.step(rows, np.full(series, at), 50 + rng.standard_normal(series))
    return detector, at


def measure_cost(series: int, steps: int) -> None:
    """Print the cost at a number of series, from the user CPU time of this process."""
    rng = np.random.default_rng(1)
    detector, at = learnt(series, rng)
    rows, costs = np.arange(series, dtype=np.int32), []
    for _ in range(steps):
        at += INTERVAL_S
        times, values = np.full(series, at), 50 + rng.standard_normal(series)
        before = user_s()
        detector.step(rows, times, values)
        costs.append((user_s() - before) / series)
    sample_s = float(np.mean(costs))
    before = time.process_time()
    data = b"".join(save(detector))
    saved_s = time.process_time() - before
    before = time.process_time()
    load(data)
    loaded_s = time.process_time() - before
    share = (sample_s * series + saved_s / CHECKPOINT_EVERY_MIN) / 60
    print(
        f"{series:>9,} series  {sample_s * 1e9:6.0f} ns a sample (best step {min(costs) * 1e9:.0f})"
        f"  {detector.state.bytes_per_series():,} bytes a series"
        f"  checkpoint {len(data) / 1e6:6.1f} MB: save {saved_s:5.2f} s, load {loaded_s:5.2f} s"
        f"  {share:6.2%} of a core with a sample a minute and a checkpoint in ten"
    )


def main() -> None:
    """Print the table."""
    for series, steps in ((1_000, 300), (20_000, 60), (100_000, 30)):
        measure_cost(series, steps)


if __name__ == "__main__":
    main()
