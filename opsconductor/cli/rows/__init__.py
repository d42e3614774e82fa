"""Commands on declared rows, alike for every table, over the API."""
