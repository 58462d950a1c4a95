"""The demo marketplace: invented shops, products and customers, computed by the real engine."""
