"""Tests of the pure rules: they need no database, and no Django."""
