"""The scores of a split, as fractions from 0 to 1: characters, tokens and entities."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import product

import numpy as np
from sklearn.metrics import accuracy_score, classification_report, confusion_matrix

from charner.encoding.examples import Example, Mention
from charner.encoding.vocabulary import Vocabulary
from charner.inference.token_tagger import TaggedSentence
from charner.tags.counts import SCORE_DIGITS, Counts, entity_scores
from charner.tags.spans import entities

Labels = tuple[np.ndarray, np.ndarray]
"""True and predicted label ids, (characters,) or (tokens,) each."""

Table = dict[str, dict[str, float]]
"""`precision`, `recall`, `f1` and `support` of each label or type, by name."""

METRIC_DIGITS = 4
METRICS = {
    "f1": "entity_f1",
    "precision": "entity_precision",
    "recall": "entity_recall",
    "unseen_f1": "unseen_f1",
    "char_accuracy": "character_accuracy",
    "char_macro_f1": "character_macro_f1",
    "calibration_error": "calibration_error",
}
"""The scores that DVC shows as metrics, by their short name there."""


@dataclass(frozen=True)
class SplitScores:
    """The scores of a split: those of each label and type, and `single`, by name.

    `confusions` has the rows of `confusion_rows` for `characters` and `tokens`.
    """

    characters: Table
    tokens: Table
    entities: Table
    single: dict[str, float]
    confusions: dict[str, list[dict]]

    def metrics(self) -> dict[str, float]:
        """The content of metrics/test.json."""
        return {name: round(self.single[score], METRIC_DIGITS) for name, score in METRICS.items()}


def split_scores(
    examples: Sequence[Example],
    tagged: Sequence[TaggedSentence],
    vocabulary: Vocabulary,
    train_mentions: Set[Mention],
) -> SplitScores:
    """The scores of a split, given its sentences, the same tagged, and all mentions in train."""
    predicted = [sentence.tags for sentence in tagged]
    all_types = entity_scores([example.tags for example in examples], predicted).as_dict()
    types = all_types.pop("types")
    seen, unseen = seen_and_unseen(examples, predicted, train_mentions)
    label_ids = vocabulary.label_ids
    characters = character_labels(examples, tagged, vocabulary)
    character_table, character_single = label_scores(*characters, label_ids)
    tokens = token_labels(examples, tagged, vocabulary)
    token_table, token_single = label_scores(*tokens, label_ids)
    return SplitScores(
        character_table,
        token_table,
        # No type has a space in its name.
        {
            **types,
            "all types": all_types,
            "seen in train": seen.as_dict(),
            "not in train": unseen.as_dict(),
        },
        {
            **{f"character_{name}": score for name, score in character_single.items()},
            **{f"token_{name}": score for name, score in token_single.items()},
            "entity_precision": all_types["precision"],
            "entity_recall": all_types["recall"],
            "entity_f1": all_types["f1"],
            "seen_f1": round(seen.f1, SCORE_DIGITS),
            "unseen_f1": round(unseen.f1, SCORE_DIGITS),
        },
        {
            "characters": confusion_rows(*characters, label_ids),
            "tokens": confusion_rows(*tokens, label_ids),
        },
    )


def seen_and_unseen(
    examples: Sequence[Example], predicted: Sequence[list[str]], train_mentions: Set[Mention]
) -> tuple[Counts, Counts]:
    """The counts of entities that train has, and of those that it does not have.

    An entity, true or predicted, is seen if train has one of the same type and tokens. The counts
    of both add up to those of all entities.

    Args:
        predicted: the predicted tags of each sentence, in IOB2.
    """
    seen_counts, unseen_counts = Counts(), Counts()
    for example, tags in zip(examples, predicted, strict=True):
        true_spans, predicted_spans = set(entities(example.tags)), set(entities(tags))
        seen = {
            span
            for span in true_spans | predicted_spans
            if (span.type, tuple(example.tokens[span.start : span.end])) in train_mentions
        }
        seen_counts.add(true_spans & seen, predicted_spans & seen)
        unseen_counts.add(true_spans - seen, predicted_spans - seen)
    return seen_counts, unseen_counts


def character_labels(
    examples: Sequence[Example], tagged: Sequence[TaggedSentence], vocabulary: Vocabulary
) -> Labels:
    """The labels of all characters, including spaces.

    If the model does not label characters, the predicted label is that of the token.
    """
    true = np.concatenate(
        [vocabulary.encode_labels(example.tokens, example.tags) for example in examples]
    )
    predicted = np.concatenate(
        [
            vocabulary.encode_labels(sentence.tokens, sentence.tags)
            if sentence.character_labels is None
            else sentence.character_labels
            for sentence in tagged
        ]
    )
    return true, predicted


def token_labels(
    examples: Sequence[Example], tagged: Sequence[TaggedSentence], vocabulary: Vocabulary
) -> Labels:
    """The labels of all tokens."""
    ids = vocabulary.label_ids
    true = np.array([ids[tag] for example in examples for tag in example.tags])
    predicted = np.array([ids[tag] for sentence in tagged for tag in sentence.tags])
    return true, predicted


def label_scores(
    true: np.ndarray, predicted: np.ndarray, label_ids: dict[str, int]
) -> tuple[Table, dict[str, float]]:
    """The scores of each label that occurs; `accuracy`, `macro_f1` and `weighted_f1`.

    Args:
        true, predicted: label ids, (characters,) or (tokens,) each.
        label_ids: the ids of all labels, by name.
    """
    occurring = np.union1d(true, predicted)
    names = [name for name, label_id in label_ids.items() if label_id in occurring]
    report = classification_report(
        true,
        predicted,
        labels=[label_ids[name] for name in names],
        target_names=names,
        output_dict=True,
        zero_division=0,
    )
    table = {
        name: {
            "precision": round(report[name]["precision"], SCORE_DIGITS),
            "recall": round(report[name]["recall"], SCORE_DIGITS),
            "f1": round(report[name]["f1-score"], SCORE_DIGITS),
            "support": int(report[name]["support"]),
        }
        for name in names
    }
    single = {
        "accuracy": round(float(accuracy_score(true, predicted)), SCORE_DIGITS),
        "macro_f1": round(report["macro avg"]["f1-score"], SCORE_DIGITS),
        "weighted_f1": round(report["weighted avg"]["f1-score"], SCORE_DIGITS),
    }
    return table, single


def confusion_rows(
    true: np.ndarray, predicted: np.ndarray, label_ids: dict[str, int]
) -> list[dict]:
    """A confusion matrix as rows of `actual`, `predicted` and `count`, for a plot.

    Args:
        true, predicted: label ids, (characters,) or (tokens,) each.
        label_ids: the ids of all labels, by name; pairs that do not occur have a row, too.
    """
    counts = confusion_matrix(true, predicted, labels=[*label_ids.values()])
    return [
        {"actual": actual, "predicted": label, "count": int(count)}
        for (actual, label), count in zip(product(label_ids, repeat=2), counts.flat, strict=True)
    ]
