"""Tables of measured values: series, the log of batches, chunks of points, aggregates."""
