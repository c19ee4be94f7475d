"""Packages: record.xml, OCFL, proof, filing packages, EEP, catalogues, layout."""
