"""The scores of a split, as fractions from 0 to 1: characters, tokens and entities."""

from collections.abc import Sequence, Set
from itertools import chain

import numpy as np
from sklearn.metrics import accuracy_score, classification_report, f1_score

from charner.encoding.examples import Example, Mention
from charner.encoding.vocabulary import Vocabulary
from charner.inference.token_tagger import TaggedSentence
from charner.tags.counts import SCORE_DIGITS, Counts, entity_scores
from charner.tags.schemes import entities

Labels = tuple[np.ndarray, np.ndarray]
"""The true and the predicted label ids of characters, (characters,) each."""


def split_scores(
    examples: Sequence[Example],
    tagged: Sequence[TaggedSentence],
    labels: Labels,
    label_ids: dict[str, int],
    mentions_of_train: Set[Mention],
) -> dict:
    """The scores of characters, tokens and entities of a split, in the form of metrics/test.json.

    Args:
        examples: the sentences of the split.
        tagged: the same sentences, tagged.
        labels: the result of `true_and_predicted_labels` for them.
        label_ids: the ids of all labels, by name.
        mentions_of_train: all mentions in train.
    """
    true = [example.tags for example in examples]
    predicted = [sentence.tags for sentence in tagged]
    return {
        "char": character_scores(*labels, label_ids),
        "token": token_scores([*chain(*true)], [*chain(*predicted)]),
        "entity": {
            **entity_scores(true, predicted).as_dict(),
            **seen_and_unseen_scores(examples, predicted, mentions_of_train),
        },
    }


def seen_and_unseen_scores(
    examples: Sequence[Example], predicted: Sequence[list[str]], mentions_of_train: Set[Mention]
) -> dict[str, dict[str, float]]:
    """The scores of entities that train has, and of those that it does not have.

    An entity, true or predicted, is seen if train has one of the same type and tokens. The counts
    of both add up to those of all entities.

    Args:
        examples: the sentences of a split.
        predicted: the predicted tags of each, in IOB2.
        mentions_of_train: all mentions in train.

    Returns:
        The scores under `seen` and under `unseen`.
    """
    seen, unseen = Counts(), Counts()
    for example, tags in zip(examples, predicted, strict=True):

        def is_seen(entity: tuple[str, int, int], tokens: list[str] = example.tokens) -> bool:
            name, start, end = entity
            return (name, tuple(tokens[start:end])) in mentions_of_train

        true_entities, predicted_entities = set(entities(example.tags)), set(entities(tags))
        true_seen = {*filter(is_seen, true_entities)}
        predicted_seen = {*filter(is_seen, predicted_entities)}
        seen.add(true_seen, predicted_seen)
        unseen.add(true_entities - true_seen, predicted_entities - predicted_seen)
    return {"seen": seen.as_dict(), "unseen": unseen.as_dict()}


def true_and_predicted_labels(
    examples: Sequence[Example], tagged: Sequence[TaggedSentence], vocabulary: Vocabulary
) -> Labels:
    """The true and the predicted label ids of all characters, including spaces: (characters,) each.

    If the model does not label characters, the predicted label is that of the token.
    """
    true = np.concatenate([example.label_ids for example in examples])
    predicted = np.concatenate(
        [
            vocabulary.encode_labels(sentence.tokens, sentence.tags)
            if sentence.character_labels is None
            else sentence.character_labels
            for sentence in tagged
        ]
    )
    return true, predicted


def character_scores(true: np.ndarray, predicted: np.ndarray, label_ids: dict[str, int]) -> dict:
    """Accuracy and scikit-learn's classification report over characters.

    Args:
        true: label ids, (characters,).
        predicted: likewise.
        label_ids: the ids of all labels, by name.

    Returns:
        `accuracy`, `macro_f1`, `weighted_f1` and, for each label that occurs in either array,
        `labels.NAME.{precision, recall, f1, support}`.
    """
    occurring = {*np.union1d(true, predicted).tolist()}
    present = {name: label_id for name, label_id in label_ids.items() if label_id in occurring}
    report = classification_report(
        true,
        predicted,
        labels=[*present.values()],
        target_names=[*present],
        output_dict=True,
        zero_division=0,
    )
    return {
        "accuracy": round(accuracy_score(true, predicted), SCORE_DIGITS),
        "macro_f1": round(report["macro avg"]["f1-score"], SCORE_DIGITS),
        "weighted_f1": round(report["weighted avg"]["f1-score"], SCORE_DIGITS),
        "labels": {
            name: {
                "precision": round(report[name]["precision"], SCORE_DIGITS),
                "recall": round(report[name]["recall"], SCORE_DIGITS),
                "f1": round(report[name]["f1-score"], SCORE_DIGITS),
                "support": int(report[name]["support"]),
            }
            for name in present
        },
    }


def token_scores(true: list[str], predicted: list[str]) -> dict:
    """`accuracy` and `macro_f1` over the tags of tokens."""
    macro_f1 = f1_score(true, predicted, average="macro", zero_division=0)
    return {
        "accuracy": round(accuracy_score(true, predicted), SCORE_DIGITS),
        "macro_f1": round(macro_f1, SCORE_DIGITS),
    }
