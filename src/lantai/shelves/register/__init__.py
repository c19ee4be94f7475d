"""The register shelf: finished documents as the office system tells them, and hand-over lists."""
