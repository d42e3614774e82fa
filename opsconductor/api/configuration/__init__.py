"""Endpoints of the configuration: what provisioning files may declare, row by row or as a document."""
