"""Domain model: frozen values and enumerations; standard library only."""
