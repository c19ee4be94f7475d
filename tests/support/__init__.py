"""What tests stand on: databases, worker processes, packages that may be absent."""
