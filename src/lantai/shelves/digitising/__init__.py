"""The digitising shelf: projects, batches of scans, items, pages, steps done, acceptances, and what was learned of bodies."""
