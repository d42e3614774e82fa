"""Breaks the daemon while it works, and shows that nothing acknowledged is lost: `python -m tests.soak`.

`load` sends, `faults` break and heal, `oracle` looks into PostgreSQL, `run` does one after the other.
"""
