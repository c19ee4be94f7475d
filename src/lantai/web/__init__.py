"""The web edge: parse, authenticate, call one verb, render."""
