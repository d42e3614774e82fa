"""SNMP messages: decoding, translation, security, sending."""
