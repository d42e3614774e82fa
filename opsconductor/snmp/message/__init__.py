"""SNMP messages as bytes and as values."""
