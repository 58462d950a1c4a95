"""How each offer compares with similar offers."""
