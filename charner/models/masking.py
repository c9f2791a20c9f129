"""The score of a tag or transition that must not be chosen."""

IMPOSSIBLE = -1e4  # finite, so that differences and gradients are never NaN
