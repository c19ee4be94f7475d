"""Pictures of pages: opened under a budget, measured, cleaned. Pixels in, pixels and numbers out; no text is read here."""
