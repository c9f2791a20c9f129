"""A character-based tagger for named entities, one idea a file."""
