"""The user-based security model of SNMPv3."""
