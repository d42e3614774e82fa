"""Pipeline from raw event to committed change: normalize, identify, fold, correlate, route, commit."""
