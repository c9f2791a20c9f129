"""A training of seconds on random sentences, in the tests' process."""

from collections.abc import Iterator

import numpy as np

from charner.encoding.examples import Example
from charner.models.architecture import Architecture
from charner.params import Train
from charner.training.batches import Batches
from charner.training.loop import train
from charner.training.state import Epoch, TrainingState
from tests.helpers import SMALL, example

PLAIN = {"dropout": 0.0, "character_dropout": 0.0}
TRAIN = Train(**SMALL["train"]).model_copy(
    update={
        "epochs": 25,
        "patience": 25,
        "batch_size": 4,
        "learning_rate": 0.02,
        "learning_rate_schedule": "constant",
        "warmup_fraction": 0.0,
        "mention_replacement": 0.0,
        "case_change": 0.0,
        "tokens_with_typo": 0.0,
    }
)


def epochs(
    model: Architecture,
    examples: list[Example],
    valid_examples: list[Example],
    settings: Train = TRAIN,
    **options,
) -> Iterator[Epoch]:
    """Trains a new model."""
    state = TrainingState.start(model, settings)
    return train(state, Batches(model, examples, settings), valid_examples, settings, **options)


def sentences(count: int, seed: int) -> list[Example]:
    """Sentences of one to four tokens of three characters, some three in a document."""
    generator = np.random.default_rng(seed)

    def tokens() -> list[str]:
        return ["".join(generator.choice([*"abcd"], 3)) for _ in range(generator.integers(1, 5))]

    return [example(*tokens(), document=1 + number // 3) for number in range(count)]
