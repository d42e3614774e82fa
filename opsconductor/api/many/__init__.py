"""Questions and commands about many alerts at once: sums, exports, bulk commands, what belongs together."""
