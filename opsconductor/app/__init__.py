"""Composition root: the only package that sees all parts and connects them."""
