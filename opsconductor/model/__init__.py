"""The terms of the domain as frozen values and enumerations; standard library only."""
