"""Reading of CSV files from outside, which are hostile until they are numbers."""
