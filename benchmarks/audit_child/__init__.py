"""What processes of the product do for the benchmark of the audit chain."""
