"""The metadata shelf: the agency's metadata schemes, version by version."""
