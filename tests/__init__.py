"""All tests. `make test` runs them on both databases and in a real browser."""
