"""Rules, pure: facts in, decisions with reasons out. No files, no clock, no randomness, no framework."""
