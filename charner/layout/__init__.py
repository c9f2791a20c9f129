"""The layout of sentences in arrays, and of a model in its folder."""
