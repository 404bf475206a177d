"""The public pages of a release, made from the release alone: no script, nothing fetched from elsewhere."""
