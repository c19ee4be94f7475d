"""Index adapters: full-text engines behind ``ports.index``."""
