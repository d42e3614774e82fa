"""Reading of alerts from the database: columns, filters, lists, searches and sums."""
