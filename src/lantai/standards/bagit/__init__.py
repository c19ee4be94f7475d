"""BagIt, RFC 8493 (1.0) and the Internet drafts before it (0.93 to 0.97); clauses are those of the RFC."""
