"""In-memory alert engine: folds, correlates and routes; performs no I/O."""
