"""Commands of operators: checks, execution, and what people decide in place of the source."""
