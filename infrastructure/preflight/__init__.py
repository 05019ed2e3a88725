"""Checks of the AWS account before a deploy. They read, and change nothing."""
