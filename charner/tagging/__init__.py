"""Tagging of text: what is read, tagged and written."""
