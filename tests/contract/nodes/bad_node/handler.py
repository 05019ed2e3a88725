"""Loads at start what a node must not load at start."""

import boto3
import pydantic

lambda_handler = (boto3, pydantic)
