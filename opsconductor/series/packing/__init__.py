"""Packing of points into bytes; pure."""
