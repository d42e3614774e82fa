"""The languages of operators: expressions, paths and text templates over received values."""
