"""Scanner adapters: virus engines behind ``ports.scanner``."""
