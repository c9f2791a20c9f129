"""An LSTM over segments of text, which are read with the text around them."""

from charner.encoding.character_segments import CONTEXT, SEGMENT
from charner.models.backend import keras
from charner.models.lstm import Lstm

ops = keras.ops


class SegmentLstm(Lstm):
    """The states of a bidirectional LSTM at each character of segments.

    A text is read in all its segments at once, which takes few steps. Each direction starts CONTEXT
    characters before the segment, and afresh after padding.
    """

    def __init__(self, units: int, name: str):
        """Makes a layer; see `Lstm`."""
        super().__init__(units, bidirectional=True, name=name)

    def call(self, inputs, mask):
        """Reads segments.

        Args:
            inputs: (segments, CONTEXT + SEGMENT + CONTEXT, values), alone in a list.
            mask: (segments, CONTEXT + SEGMENT + CONTEXT), False for padding.

        Returns:
            (segments, SEGMENT, 2 * units), 0 for padding.
        """
        (x,) = inputs
        seen = CONTEXT + SEGMENT
        states = [
            self._read(0, [x[:, :seen]], mask[:, :seen])[CONTEXT:],
            self._read(1, [x[:, CONTEXT:]], mask[:, CONTEXT:])[:SEGMENT],
        ]
        return ops.transpose(ops.concatenate(states, axis=-1), (1, 0, 2))
