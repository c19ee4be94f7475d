"""Tests of the demonstration and of the benchmark corpus."""
