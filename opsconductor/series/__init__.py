"""Series of measured values: intake, log, chunks, aggregates, queries. SQL is in `store/series`."""
