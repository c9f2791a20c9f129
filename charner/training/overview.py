"""What a corpus holds, in lines for the start of training."""

from collections import Counter

from charner.encoding.examples import Example
from charner.support import counted

FEW = 20  # entities; a type with fewer is hardly learned


def overview(
    train_examples: list[Example], valid_examples: list[Example], entity_types: list[str]
) -> list[str]:
    """Lines on the sentences and documents, on the entities of train, and on those of valid.

    Args:
        train_examples: the sentences of train.
        valid_examples: the sentences of valid.
        entity_types: the types that the model knows.
    """
    of_train = [mention for example in train_examples for mention in example.mentions]
    of_valid = [mention for example in valid_examples for mention in example.mentions]
    counts = Counter(entity_type for entity_type, _ in of_train)
    by_type = ", ".join(f"{name} {counts[name]:,}" for name in entity_types)
    rare = [name for name in entity_types if counts[name] < FEW]
    unseen = len(of_valid) - sum(map(set(of_train).__contains__, of_valid))
    return [
        f"train: {_size(train_examples)}; valid: {_size(valid_examples)}",
        f"entities in train: {by_type}",
        f"types with fewer than {FEW} entities in train: {', '.join(rare) or 'none'}",
        f"entities of valid that are not in train: {unseen:,} of {len(of_valid):,}"
        f" ({unseen / len(of_valid):.0%})",
    ]


def _size(examples: list[Example]) -> str:
    documents = {example.document for example in examples}
    of_documents = (
        "no documents, each sentence by itself"
        if documents == {0}
        else counted(len(documents), "document")
    )
    return f"{counted(len(examples), 'sentence')}, {of_documents}"
