"""A trained model over sentences that are cut into tokens: entities and their probabilities."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from charner import model_files
from charner.confidence import entity_probabilities
from charner.decoding import entity_places, padded, viterbi
from charner.errors import InputError
from charner.model_files import TrainedModel
from charner.numpy_char_lstm import NumpyCharLstm
from charner.numpy_cnn_lstm_crf import NumpyCnnLstmCrf
from charner.tag_schemes import OUTSIDE, split_tag
from charner.windows import Window, windows

MODELS = {"char_lstm": NumpyCharLstm, "cnn_lstm_crf": NumpyCnnLstmCrf}
TOKENS_AT_ONCE = 12_000
LONGEST_TOKEN = 256  # characters that are read
LONGEST_SENTENCE = 2_500  # characters; a longer one is tagged in windows of that length
OVERLAP = 500  # characters that two windows share
DIGITS = 4  # of a score


@dataclass(frozen=True, slots=True)
class Entity:
    """A named entity.

    `start` and `end` (excluded) count code points of the text, or tokens of the sentence if it was
    given in tokens; `text` is what stands there, tokens joined by a space. `score` is the
    probability of the entity as a whole, from 0 to 1.
    """

    type: str
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """A sentence's tokens, the tag of each in IOB2, and its entities, counted in tokens.

    `character_labels`, see `SentenceScores`, is None for a sentence of more than one window.
    """

    tokens: list[str]
    tags: list[str]
    entities: list[Entity]
    character_labels: np.ndarray | None = field(default=None, repr=False, compare=False)


class TokenTagger:
    """Tags sentences with a trained model."""

    def __init__(self, trained: TrainedModel):
        self.vocabulary = trained.vocabulary
        architecture = trained.settings.architecture
        settings = getattr(trained.settings, architecture)
        self._model = MODELS[architecture](settings, trained.vocabulary, trained.weights)
        self._temperature = trained.temperature
        self._types = [split_tag(tag)[1] for tag in self._model.tags]

    @classmethod
    def load(cls, path: str | Path = "models") -> Self:
        """Args: path: the folder that the train stage writes.

        Raises:
            InputError: no model is there, or files that do not belong together.
        """
        trained = model_files.load(Path(path))
        try:
            return cls(trained)
        except (KeyError, ValueError):
            raise InputError(
                f"{path}: the files are not of one model; `dvc repro` makes one"
            ) from None

    def tag_tokens(
        self, documents: Iterable[list[list[str]]], min_score: float = 0.0
    ) -> list[list[TaggedSentence]]:
        """Tags what is already cut into sentences and tokens.

        Args:
            documents: the tokens of each sentence of each document.

        Raises:
            ValueError: a token is empty.
        """
        documents = list(documents)
        for document in documents:
            for sentence in document:
                if "" in sentence:
                    raise ValueError("a token is empty")
        cuts = [[self._windows(sentence) for sentence in document] for document in documents]
        units = [
            unit
            for document, of_document in zip(documents, cuts, strict=True)
            for unit in self._model.units(
                [
                    [token[:LONGEST_TOKEN] for token in sentence[window.start : window.stop]]
                    for sentence, of_sentence in zip(document, of_document, strict=True)
                    for window in of_sentence
                ]
            )
        ]
        found = chain.from_iterable(map(self._find, _batches(units)))
        return [
            [
                _tagged_sentence(sentence, of_sentence, islice(found, len(of_sentence)), min_score)
                for sentence, of_sentence in zip(document, of_document, strict=True)
            ]
            for document, of_document in zip(documents, cuts, strict=True)
        ]

    def _windows(self, sentence: list[str]) -> list[Window]:
        if not sentence:
            return []
        sizes = [min(len(token), LONGEST_TOKEN) + 1 for token in sentence]
        return [*windows(sizes, LONGEST_SENTENCE, OVERLAP)]

    def _find(self, units: list[list[list[str]]]) -> list["_Found"]:
        """What is found in each sentence of a batch."""
        scores = self._model(units)
        found: list[_Found | None] = [None] * len(scores)
        for group in _groups([len(one.tokens) for one in scores]):
            array = padded([scores[number].tokens for number in group])
            transitions, tags = self._model.transitions, self._model.tags
            paths = viterbi(array, transitions)
            places = entity_places(paths, tags)
            probabilities = entity_probabilities(
                array / self._temperature, transitions / self._temperature, tags, paths, places
            )
            for number in group:
                found[number] = _Found([], scores[number].character_labels)
            types = paths[places[:, 0], places[:, 1]]
            for (row, start, end), tag, probability in zip(
                places.tolist(), types.tolist(), probabilities.tolist(), strict=True
            ):
                score = round(probability, DIGITS)
                found[group[row]].entities.append((self._types[tag], start, end, score))
        return found


class _Found(NamedTuple):
    """Entities as (type, first token, the one after the last, score); see `SentenceScores`."""

    entities: list[tuple[str, int, int, float]]
    character_labels: np.ndarray | None


def _batches(units: list[list[list[str]]]) -> Iterator[list[list[list[str]]]]:
    batch, tokens = [], 0
    for unit in units:
        batch.append(unit)
        tokens += sum(map(len, unit))
        if tokens >= TOKENS_AT_ONCE:
            yield batch
            batch, tokens = [], 0
    if batch:
        yield batch


def _groups(lengths: list[int]) -> Iterator[list[int]]:
    """The numbers of sentences, those of like length together, TOKENS_AT_ONCE or one in each."""
    group: list[int] = []
    for number in sorted(range(len(lengths)), key=lengths.__getitem__):
        if group and (len(group) + 1) * lengths[number] > TOKENS_AT_ONCE:
            yield group
            group = []
        group.append(number)
    if group:
        yield group


def _tagged_sentence(
    tokens: list[str], of_sentence: list[Window], found: Iterable[_Found], min_score: float
) -> TaggedSentence:
    """Puts together what was found in the windows of a sentence."""
    entities, labels, taken = [], None, 0
    for window, in_window in zip(of_sentence, found, strict=True):
        labels = in_window.character_labels
        for name, start, end, score in in_window.entities:
            start, end = window.start + start, window.start + end
            # An entity belongs to the window in whose own tokens it begins.
            if window.first <= start < window.last and start >= taken:
                taken = end
                if score >= min_score:
                    text = " ".join(tokens[start:end])
                    entities.append(Entity(name, start, end, text, score))
    tags = [OUTSIDE] * len(tokens)
    for entity in entities:
        tags[entity.start] = f"B-{entity.type}"
        for position in range(entity.start + 1, entity.end):
            tags[position] = f"I-{entity.type}"
    if labels is not None and len(labels) != len(" ".join(tokens)):
        labels = None  # of a part only
    return TaggedSentence(tokens, tags, entities, labels)
