"""Sentences as ids and arrays, and the files of encoded sentences and of models."""
