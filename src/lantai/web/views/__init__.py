"""One module a screen: each view parses, calls one verb or read, and renders."""
