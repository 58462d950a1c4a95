"""Who sells what, and what was ordered."""
