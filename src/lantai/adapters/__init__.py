"""Devices behind the ports: stores, indexes, readers, scanners, signers."""
