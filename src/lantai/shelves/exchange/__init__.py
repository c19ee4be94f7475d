"""What goes out: exports that were asked for, and transfer acts 移交 with their records."""
