"""What a person runs beside a deployment."""
