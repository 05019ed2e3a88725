"""The only place with boto3 and HTTP, beside the channels' own clients."""
