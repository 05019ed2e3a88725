"""What the API takes and answers, where a resource has many shapes: pydantic models, and nothing else."""
