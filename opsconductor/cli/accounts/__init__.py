"""Users, roles, sessions and API keys, over the API of a daemon or in the database of this host."""
