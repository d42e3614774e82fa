"""Cost of the detector: CPU for a sample, bytes for a series, checkpoints, share of a core."""

import time

import numpy as np

from opsconductor.detect.checkpoint import load, save
from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import Detector

INTERVAL_S = 60.0
CHECKPOINT_EVERY_MIN = 10


def measure_cost(series: int, steps: int) -> None:
    """Print the cost at a number of series, from the CPU time of this process."""
    rng = np.random.default_rng(1)
    columns = [rng.normal(50, 1, series) for _ in range(8)]
    rows = np.arange(series, dtype=np.int32)
    detector = Detector(DetectorConfig())
    detector.grow(series)
    costs = []
    for step in range(steps):
        at = np.full(series, 1.7e9 + step * INTERVAL_S)
        before = time.process_time()
        detector.step(rows, at, columns[step % 8])
        costs.append(time.process_time() - before)
    sample_s = float(np.median(costs[3:])) / series
    before = time.process_time()
    data = b"".join(save(detector))
    saved_s = time.process_time() - before
    before = time.process_time()
    load(data)
    loaded_s = time.process_time() - before
    share = (sample_s * series + saved_s / CHECKPOINT_EVERY_MIN) / 60
    print(
        f"{series:>9,} series  {sample_s * 1e9:6.0f} ns a sample"
        f"  {detector.state.bytes_per_series():,} bytes a series"
        f"  checkpoint {len(data) / 1e6:6.1f} MB: save {saved_s:5.2f} s, load {loaded_s:5.2f} s"
        f"  {share:6.2%} of a core with a sample a minute and a checkpoint in ten"
    )


def main() -> None:
    """Print the table."""
    for series, steps in ((1_000, 200), (20_000, 40), (100_000, 15)):
        measure_cost(series, steps)


if __name__ == "__main__":
    main()
