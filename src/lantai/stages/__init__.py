"""The verbs of the line. Each gathers, decides, acts and applies; they meet in the lifecycle table only."""
