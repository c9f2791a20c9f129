"""Sentence splitting and tokenisation of raw text."""
