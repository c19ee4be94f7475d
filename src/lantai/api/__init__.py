"""The edge for systems of the agency: JSON over HTTP, a token in the header, coded answers in Chinese (docs/reference/api.md)."""
