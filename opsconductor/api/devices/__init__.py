"""Devices and dependencies in the API: lists, single ones, graphs, previews, CSV."""
