"""The public pages of a release, made from the release alone: no script needed, nothing fetched from elsewhere."""
