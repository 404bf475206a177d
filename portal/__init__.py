"""The public pages of a release, made from the release alone: readable without script, nothing fetched from elsewhere."""
