"""The User-based Security Model of SNMPv3."""
