"""SNMP messages: encoding and decoding."""
