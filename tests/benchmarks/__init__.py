"""Benchmarks: run by `make bench`, print ratios against a peer in the same run."""
