"""The tests; a package, so that what they share is imported as ``tests.…`` and nothing else bears that name."""
