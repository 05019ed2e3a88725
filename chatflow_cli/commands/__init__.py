"""One module per noun, as in the API."""
