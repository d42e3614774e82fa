"""The words of the design as frozen values and enums; standard library only."""
