"""One step of gradient descent, compiled."""

from collections.abc import Callable
from typing import Any

import numpy as np

from charner.models.architecture import Architecture
from charner.models.backend import keras, tf
from charner.training.predictor import input_signature
from charner.training.workers import own_replicas


def compile_train_step(
    model: Architecture,
    optimizer: keras.optimizers.Optimizer,
    tag_weights: np.ndarray,
    clip_norm: float | None,
) -> Callable[[list[dict]], tuple[Any, Any, Any]]:
    """Compiles a function that trains on one batch.

    The function takes the inputs of each replica of this process. It returns the outputs of each,
    and the two sums of `loss_and_weight` over all replicas. The loss is the weighted mean over the
    whole batch, regardless of the number of replicas.

    Args:
        model: the model to train.
        optimizer: built for the trainable variables of the model.
        tag_weights: (tags,), the weights of tags in the loss.
        clip_norm: the maximum global norm of the gradients; None: no clipping.
    """
    strategy, own = tf.distribute.get_strategy(), own_replicas()
    variables = model.trainable_variables

    def replica_step(inputs_of_replicas):
        replica = tf.distribute.get_replica_context()
        number = tf.get_static_value(replica.replica_id_in_sync_group)
        inputs = inputs_of_replicas[own.index(number)]
        with tf.GradientTape() as tape:
            outputs = model(inputs, training=True)
            loss_sum, weight = model.loss_and_weight(inputs, outputs, tag_weights)
            weight = replica.all_reduce("SUM", weight)
            loss = loss_sum / weight
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, variables)]
        gradients = replica.all_reduce("SUM", gradients)
        if clip_norm is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, clip_norm)
        # The optimizer sums over replicas once more.
        gradients = [gradient / strategy.num_replicas_in_sync for gradient in gradients]
        optimizer.apply(gradients, variables)
        return outputs, replica.all_reduce("SUM", loss_sum), weight

    @tf.function(input_signature=[[input_signature(model)] * len(own)])
    def step(inputs):
        results = strategy.run(replica_step, args=(inputs,))
        outputs, loss_sums, weights = map(strategy.experimental_local_results, results)
        return outputs, loss_sums[0], weights[0]

    return step
