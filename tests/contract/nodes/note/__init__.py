"""The node type `note`, which tests add to a copy of the product."""
