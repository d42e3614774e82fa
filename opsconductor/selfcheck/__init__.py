"""The daemon checks itself: alerts on itself, and the doctor."""
