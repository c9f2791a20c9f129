"""The learning rate of each step."""

import math

from charner.params import Train


def learning_rate(done: float, settings: Train) -> float:
    """The learning rate of a step: linear warm-up, then constant or cosine decay to 0.

    The cosine is that of Loshchilov and Hutter (2017), "SGDR", without restarts.

    Args:
        done: the fraction of the training that is done after the step.
        settings: the section `train` of params.yaml.
    """
    if done < settings.warmup_fraction:
        return settings.learning_rate * done / settings.warmup_fraction
    if settings.learning_rate_schedule == "constant":
        return settings.learning_rate
    progress = (done - settings.warmup_fraction) / (1 - settings.warmup_fraction)
    return settings.learning_rate * (1 + math.cos(math.pi * progress)) / 2
