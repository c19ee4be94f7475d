"""The policy shelf: what the agency decided otherwise than the standards' tables."""
