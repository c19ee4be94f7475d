"""The demonstration: a fictional agency, its documents on paper-like pages, and the packages its office system hands over.

Invented throughout and reproducible: the same size and seed give the same bytes.
"""
