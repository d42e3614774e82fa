"""Users, API keys, and what callers see and change of themselves."""
