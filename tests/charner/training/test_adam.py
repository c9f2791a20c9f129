import numpy as np

from charner.models.backend import keras, tf
from charner.training.adam import Adam


def test_it_computes_what_keras_does():
    gradients = np.random.default_rng(0).normal(size=(5, 3, 4)).astype(np.float32)
    results = []
    for optimizer in (
        Adam(0.1, global_clipnorm=2.0),
        keras.optimizers.Adam(0.1, global_clipnorm=2.0),
    ):
        weight = keras.Variable(np.ones((3, 4), np.float32))
        optimizer.build([weight])
        step = tf.function(lambda gradient, to=optimizer: to.apply([gradient]))
        for number, gradient in enumerate(gradients):
            optimizer.learning_rate = 0.1 / (1 + number)
            step(tf.constant(gradient))
        results.append([weight.numpy(), *(np.array(v) for v in optimizer.variables)])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4)
