"""Versions of the detector: registered, evaluated on stored points, promoted."""
