"""兰台 Lantai: the documents of a government agency, kept as archives that can be proved."""

__version__ = "0.1.0"
