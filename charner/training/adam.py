"""Adam as one operation for each weight; Keras makes ten, which read and write it each time."""

from charner.models.backend import keras, tf


class Adam(keras.optimizers.Adam):
    """Keras' Adam, faster: Kingma and Ba (2015), "Adam: A Method for Stochastic Optimization"."""

    def update_step(self, gradient, variable, learning_rate):
        """Updates a weight, and its two moving averages, in place."""
        step = tf.cast(self.iterations.value + 1, tf.float32)
        index = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=self.beta_1**step,
            beta2_power=self.beta_2**step,
            lr=learning_rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )
