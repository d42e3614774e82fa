"""Connector packages that `opsconductor connectors new` copies; they work unchanged.

The words `acme` and `Acme` are replaced by the name of the new connector.
"""
