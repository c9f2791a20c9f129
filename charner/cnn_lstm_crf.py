"""An architecture that tags tokens, each made from its characters.

Of Keras' layers and operations only, so that it is not bound to TensorFlow.
"""

from collections.abc import Iterator

import numpy as np

from charner import params
from charner.backend import keras
from charner.batching import documents, pad
from charner.crf import IMPOSSIBLE, Crf
from charner.decoding import best_tags, legal_transitions
from charner.encoding import PAD, UNK, Vocabulary
from charner.examples import Example, Prediction
from charner.lstm import Lstm
from charner.symbol_dropout import SymbolDropout
from charner.tag_schemes import to_bioes, to_iob2
from charner.topics import topic_vectors

layers, ops = keras.layers, keras.ops


class CnnLstmCrf(keras.Model):
    """Tokens from their characters, tags from tokens in their sentence and document.

    A convolution over a token's characters, and a vector of its own that is often left out, make
    a vector of it; a bidirectional LSTM runs over these; a conditional random field scores
    sequences of tags in BIOES (Ma and Hovy 2016, "End-to-end Sequence Labeling via Bi-directional
    LSTM-CNNs-CRF").

    A row holds consecutive sentences of a document with a boundary (PAD) before and after each,
    so the LSTM sees past a sentence's ends. Two more inputs stand for the document: its topic, and
    the mean of the LSTM's states over all places where it has the same token.
    """

    def __init__(self, settings: params.CnnLstmCrf, vocabulary: Vocabulary):
        super().__init__(name="cnn_lstm_crf")
        self.settings = settings
        self.vocabulary = vocabulary
        types = [label[2:] for label in vocabulary.labels if label.startswith("B-")]
        self.tags = vocabulary.labels[:2] + [f"{p}-{name}" for name in types for p in "BIES"]
        self._tag_ids = {tag: i for i, tag in enumerate(self.tags)}
        self.character_dropout = SymbolDropout(settings.character_dropout)
        self.characters = layers.Embedding(
            len(vocabulary.characters), settings.embedding_dim, name="characters"
        )
        self.convolutions = [
            layers.Conv1D(settings.filters, width, padding="same", name=f"convolution_{width}")
            for width in settings.filter_widths
        ]
        counts = np.array([np.inf, np.inf, *vocabulary.tokens.values()], np.float32)
        self.token_dropout = SymbolDropout(settings.token_dropout, counts)
        uniform = keras.initializers.RandomUniform(-0.1, 0.1)
        self.tokens = layers.Embedding(len(counts), settings.token_dim, uniform, name="tokens")
        if settings.topic_dim:
            self.topics = layers.Embedding(
                len(counts), settings.topic_dim, "zeros", trainable=False, name="topics"
            )
        self.dropout = layers.Dropout(settings.dropout)
        self.lstms = [
            Lstm(settings.lstm_units, True, f"lstm_{number}")
            for number in range(1, settings.lstm_layers + 1)
        ]
        self.scores = layers.Dense(len(self.tags), name="scores")
        self.crf = Crf(legal_transitions(self.tags, "BIOES"), name="crf")

    def adapt(self, units: list[list[Example]]) -> None:
        """Takes the topics from train's documents, before training."""
        if not self.settings.topic_dim:
            return
        encode = self.vocabulary.encode_token
        documents_tokens = [
            sorted({encode(token) for example in unit for token in example.tokens} - {UNK})
            for unit in units
        ]
        self.topics.set_weights([topic_vectors(documents_tokens, *self.topics.embeddings.shape)])

    def units(self, examples: list[Example]) -> list[list[Example]]:
        """What batches may not divide: the sentences of each document."""
        return documents(examples, self.settings.document_sentences)

    def row_length(self, unit: list[Example]) -> int:
        """The longest row that a unit fills, in tokens and boundaries."""
        lengths = [len(example.tokens) + 1 for example in unit]
        return min(1 + sum(lengths), max(self.settings.window, 1 + max(lengths)))

    def target_ids(self, unit: list[Example]) -> np.ndarray:
        """The ids of `tags` that a unit's tokens have."""
        return np.array([self._tag_ids[tag] for example in unit for tag in to_bioes(example.tags)])

    def encode(self, units: list[list[Example]]) -> dict[str, np.ndarray]:
        """A batch; every different token is in it once, and the first stands for PAD.

        Returns:
            `characters` (different tokens, characters) and `token_ids` (different tokens,);
            `tokens`, `occurrences` and `tag_ids` (rows, positions): the index of each position's
            token, of what it occurs as in its document, whatever its case, and its tag's id;
            `occurrence_tokens` and `occurrence_documents` (occurrences,): their token ids and
            documents; `row_documents` (rows,); `sentence_rows` and `sentence_starts`
            (sentences,): each one's row and position.
        """
        tokens, occurrences = {"": 0}, {(0, ""): 0}
        rows, row_documents, places = [], [], []
        for document, unit in enumerate(units):
            for example, starts_row in zip(unit, self._starts_of_rows(unit), strict=True):
                if starts_row:
                    rows.append([[PAD], [PAD], [PAD]])
                    row_documents.append(document)
                token_row, occurrence_row, tag_row = rows[-1]
                places.append((len(rows) - 1, len(token_row)))
                for token, tag in zip(example.tokens, to_bioes(example.tags), strict=True):
                    token_row.append(tokens.setdefault(token, len(tokens)))
                    occurrence = (document, token.lower())
                    occurrence_row.append(occurrences.setdefault(occurrence, len(occurrences)))
                    tag_row.append(self._tag_ids[tag])
                for row in rows[-1]:
                    row.append(PAD)
        token_ids = [PAD, *map(self.vocabulary.encode_token, [*tokens][1:])]
        occurrence_tokens = [PAD, *(self.vocabulary.encode_token(t) for _, t in [*occurrences][1:])]
        arrays = {
            "characters": pad([*map(self._spelling, tokens)]),
            "token_ids": token_ids,
            "tokens": pad([row[0] for row in rows]),
            "occurrences": pad([row[1] for row in rows]),
            "tag_ids": pad([row[2] for row in rows]),
            "occurrence_tokens": occurrence_tokens,
            "occurrence_documents": [document for document, _ in occurrences],
            "row_documents": row_documents or [0],
            "sentence_rows": [row for row, _ in places],
            "sentence_starts": [start for _, start in places],
        }
        return {name: np.array(array, np.int32) for name, array in arrays.items()}

    def _spelling(self, token: str) -> list[int]:
        """The ids of its characters, as far as they are read."""
        return self.vocabulary.encode_characters([token[: self.settings.max_token_length]])

    def _starts_of_rows(self, unit: list[Example]) -> Iterator[bool]:
        """Whether each sentence of a document starts a row, the one before being full."""
        length = self.settings.window
        for example in unit:
            starts = length + len(example.tokens) + 1 > self.settings.window
            length = (1 if starts else length) + len(example.tokens) + 1
            yield starts

    def call(self, inputs, training=False):
        """The scores of tags (rows, positions, tags); where no token is, all but PAD's are low."""
        tokens = inputs["tokens"]
        x = ops.take(self._token_vectors(inputs, training), tokens, axis=0)
        if self.settings.topic_dim:
            topics = ops.take(self._topics(inputs), inputs["row_documents"], axis=0)
            topics = ops.repeat(topics[:, None], ops.shape(tokens)[1], axis=1)
            x = ops.concatenate([x, topics], axis=-1)
        # Masked is only what follows the last token: boundaries are read as symbols.
        mask = ops.flip(ops.cumsum(ops.flip(tokens, axis=1), axis=1), axis=1) > 0
        x = self.dropout(x, training=training)
        for lstm in self.lstms:
            x = self.dropout(lstm(x, mask), training=training)
        if self.settings.document_states:
            x = ops.concatenate([x, _means(x, inputs["occurrences"])], axis=-1)
        is_pad = ops.cast(tokens == PAD, x.dtype)[..., None]
        only_pad = IMPOSSIBLE * (1 - ops.one_hot(PAD, len(self.tags)))
        never_pad = IMPOSSIBLE * ops.one_hot(PAD, len(self.tags))
        return self.scores(x) * (1 - is_pad) + only_pad * is_pad + never_pad * (1 - is_pad)

    def _token_vectors(self, inputs, training):
        """(different tokens, all filters + token_dim)."""
        is_character = ops.cast(inputs["characters"] != PAD, "float32")[..., None]
        x = self.characters(self.character_dropout(inputs["characters"], training=training))
        x = x * is_character
        # The largest over a token's characters; relu makes 0 of PAD, which has none.
        nowhere = IMPOSSIBLE * (1 - is_character)
        found = [ops.max(convolve(x) + nowhere, axis=1) for convolve in self.convolutions]
        vectors = self.tokens(self.token_dropout(inputs["token_ids"], training=training))
        return ops.concatenate([ops.relu(ops.concatenate(found, axis=-1)), vectors], axis=-1)

    def _topics(self, inputs):
        """(rows or more, topic_dim): a vector for each document, its root mean square 0.5 or 0."""
        sums = ops.segment_sum(
            self.topics(inputs["occurrence_tokens"]),
            inputs["occurrence_documents"],
            num_segments=ops.shape(inputs["tokens"])[0],
        )
        return 0.5 * sums / ops.sqrt(ops.mean(sums**2, axis=1, keepdims=True) + 1e-12)

    def loss_and_weight(self, inputs, outputs, tag_weights):
        """The rows' negative log-likelihoods in nats, and the weights of their tokens.

        Args: tag_weights: (tags,), PAD's is 0; a row's likelihood has the mean of its tokens'.

        Returns:
            Two sums over the batch.
        """
        tag_ids = inputs["tag_ids"]
        weights = ops.sum(ops.take(tag_weights, tag_ids), axis=1)
        counts = ops.sum(ops.cast(tag_ids != PAD, weights.dtype), axis=1)
        losses = self.crf(outputs, tag_ids) * weights / ops.maximum(counts, 1)
        return ops.sum(losses), ops.sum(weights)

    def predictions(self, units: list[list[Example]], inputs: dict, outputs) -> list[Prediction]:
        """A prediction for each sentence of a batch, from what `encode` and `call` gave for it.

        A character has its token's label.
        """
        examples = [example for unit in units for example in unit]
        outputs = ops.convert_to_numpy(outputs)
        scores = [
            outputs[row, start : start + len(example.tokens)]
            for example, row, start in zip(
                examples, inputs["sentence_rows"], inputs["sentence_starts"], strict=True
            )
        ]
        transitions = ops.convert_to_numpy(self.crf.transitions)
        tags = [to_iob2(bioes, "BIOES") for bioes in best_tags(scores, transitions, self.tags)]
        label_ids = [
            np.array(self.vocabulary.encode_labels(example.tokens, of_example))
            for example, of_example in zip(examples, tags, strict=True)
        ]
        return [*map(Prediction, examples, tags, label_ids)]


def _means(states, groups):
    """The mean of all states with the same group id; (rows, positions, ...) as `states`."""
    count = ops.shape(groups)[0] * ops.shape(groups)[1]
    flat_groups = ops.reshape(groups, (-1,))
    flat_states = ops.reshape(states, (-1, states.shape[-1]))
    sums = ops.segment_sum(flat_states, flat_groups, num_segments=count)
    sizes = ops.segment_sum(ops.ones_like(flat_states[:, :1]), flat_groups, num_segments=count)
    return ops.take(sums / ops.maximum(sizes, 1), groups, axis=0)
