"""The section `train` of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from charner.params import Count, Fraction, Rate, Section


class Train(Section):
    """The section `train`; params.yaml explains the keys."""

    seed: Annotated[int, Field(ge=0, lt=2**32)]
    threads: Annotated[int, Field(ge=1, le=1024)]
    epochs: Count
    min_steps: Count
    patience: Count
    batch_size: Count
    max_length: Count
    learning_rate: Annotated[float, Field(gt=0)]
    learning_rate_schedule: Literal["constant", "cosine"]
    warmup_fraction: Rate
    clip_norm: Annotated[float, Field(gt=0)] | None
    class_weight: Literal["none", "balanced", "square_root"]
    oversample_threshold: Fraction
    mention_replacement: Fraction
    case_change: Fraction
    tokens_with_typo: Fraction
