"""Tags of tokens: their schemes, the best sequence of them, and counts of right and wrong."""
