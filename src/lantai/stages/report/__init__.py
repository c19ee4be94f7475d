"""report: what screens and registers show, gathered from the shelves into frozen values. Nothing here changes anything."""
