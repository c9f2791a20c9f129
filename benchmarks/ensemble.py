"""Entity F1 of an ensemble: the mean of the scores of several trained models, on valid and test.

The models must be trained on the same corpus. Run it from the project's root, after `dvc repro`,
with the folders of the models:

    python -m benchmarks.ensemble models seed-2/models seed-3/models
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from charner.encoding import model_files
from charner.encoding.examples import Example, by_document
from charner.encoding.parquet import load_examples
from charner.inference.network import Network, network_of
from charner.support.errors import InputError
from charner.tags.counts import Counts
from charner.tags.decoding import decode
from charner.tags.spans import entities

ENCODED = Path("data/encoded")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", type=Path)
    try:
        trained = [model_files.load(path) for path in parser.parse_args().models]
    except InputError as error:
        sys.exit(f"error: {error}")
    if any(one.vocabulary != trained[0].vocabulary for one in trained):
        sys.exit("error: the models were not trained on the same corpus")
    networks = [*map(network_of, trained)]
    print("| models | valid | test |\n|---|---:|---:|")
    splits = [load_examples(ENCODED / f"{split}.parquet") for split in ("valid", "test")]
    means = [[entity_f1([network], split) for network in networks] for split in splits]
    print("| one, mean |", " | ".join(f"{np.mean(scores):.4f}" for scores in means), "|")
    together = " | ".join(f"{entity_f1(networks, split):.4f}" for split in splits)
    print(f"| {len(networks)} together | {together} |")


def entity_f1(networks: list[Network], examples: list[Example]) -> float:
    """The entity F1 of the mean of several networks' scores."""
    transitions = np.mean([network.transitions for network in networks], axis=0)
    counts = Counts()
    for document in by_document(examples):
        chunks = networks[0].chunks([example.tokens for example in document])
        scores = [[sentence.emissions for sentence in network(chunks)] for network in networks]
        means = [np.mean(sentence, axis=0) for sentence in zip(*scores, strict=True)]
        decoded = decode(means, transitions, networks[0].tags).spans()
        for example, predicted in zip(document, decoded, strict=True):
            counts.add({*entities(example.tags)}, {*predicted})
    return counts.f1


if __name__ == "__main__":
    main()
