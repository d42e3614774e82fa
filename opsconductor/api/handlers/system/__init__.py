"""The daemon: health, doctor, ledger, statistics, settings."""
