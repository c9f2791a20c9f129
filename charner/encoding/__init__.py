"""Sentences as ids: written by the char_encode stage, read by all later stages."""
