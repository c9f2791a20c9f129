"""The learning rate of each step."""

import math

from charner.params.train import Train


def learning_rate(done: float, settings: Train) -> float:
    """The learning rate of the step after which a fraction `done` of the training is done.

    It rises in proportion during `warmup_fraction`; then it is constant, or falls to 0 as a cosine
    (Loshchilov and Hutter 2017, "SGDR", without restarts).
    """
    if done < settings.warmup_fraction:
        return settings.learning_rate * done / settings.warmup_fraction
    if settings.learning_rate_schedule == "constant":
        return settings.learning_rate
    progress = (done - settings.warmup_fraction) / (1 - settings.warmup_fraction)
    return settings.learning_rate * (1 + math.cos(math.pi * progress)) / 2
