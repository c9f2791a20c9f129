"""The section `evaluate` of params.yaml."""

from charner.params import Count, Fraction, Section


class Evaluate(Section):
    """The section `evaluate`; params.yaml explains the keys."""

    characters_with_typo: Fraction
    reliability_bins: Count
