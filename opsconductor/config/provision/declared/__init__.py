"""Models of the rows that files, API and page declare, one module for each group of tables."""
