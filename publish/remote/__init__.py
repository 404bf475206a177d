"""A release in an S3-compatible bucket."""
