"""CDK: a short wiring stack, and one construct for each domain."""
