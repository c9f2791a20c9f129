"""Sentences as ids: what the char_encode stage writes and all later ones read."""
