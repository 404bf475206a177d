"""A release: checked marts and their dictionary, screened for personal data, written once and never changed."""
