"""SNMP client."""
