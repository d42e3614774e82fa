"""Trial of hyperparameters: stored points replayed through fresh detectors, with planted deviations; pure."""
