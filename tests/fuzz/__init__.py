"""Fuzzing of every codec: seeds made here (and, where present, real files), mutated byte by byte and part by part."""
