"""Tags of tokens: tag schemes, decoding, and counts of right and wrong entities."""
