"""What a release tells of itself: quality, what arrived and what became of it, freshness, what changed."""
