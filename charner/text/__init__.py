"""Text as sentences and tokens."""
