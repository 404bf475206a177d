"""Which files there are: what lies in the exports folder, and what has arrived of it."""
