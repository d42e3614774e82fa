"""`opsconductor mib`: import MIB modules and look up what they define."""
