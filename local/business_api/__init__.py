"""The business system of the local stack: it receives uploads, serves documents, and fails on demand."""
