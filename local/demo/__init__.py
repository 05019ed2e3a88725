"""`make demo`: the product, played by script through the handset with real files."""
