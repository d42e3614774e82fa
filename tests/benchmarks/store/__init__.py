"""Benchmarks of writing, of the spool and of the outbox."""
