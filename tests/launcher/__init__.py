"""Tests of the launcher, the locks and the CI script."""
