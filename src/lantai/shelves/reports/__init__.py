"""What belongs to check reports: the editions they were made by, their seals, what was given back and what came again."""
