"""How sentences are laid out in arrays, and a model in its folder."""
