"""How good a tagger is, as numbers, tables and the data behind plots."""
