"""What people see: views, tables, filters, forms, charts. Nothing here writes to a model itself."""
