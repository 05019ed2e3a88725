"""Builds what is uploaded to Lambda: each folder of `functions/` with a handler, and each layer, without Docker.

A package's folder has a name that ends in the hash of its inputs: a package is built once, an edit of one function
changes that function's package alone, and concurrent builds do not disturb each other.
"""
