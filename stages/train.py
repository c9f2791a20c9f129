"""Stage train: writes the weights of the best epoch to models, and scores to metrics."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from charner import params
from charner.encoding.encoded_file import encoded_file_errors
from charner.encoding.examples import Example
from charner.encoding.model_files import TRAINED_FILES, VECTORS_FILE, TrainedModel, save
from charner.encoding.parquet import load_examples
from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.params import Params
from charner.support import counted
from charner.support.files import check_is_replaceable, locked_folder, replacing, write_csv
from charner.support.process import end_at_once_on_ctrl_c, raise_on_ctrl_c, run_stage
from charner.support.stage_inputs import StageInputs

ENCODED = Path("data/encoded")
TRAIN, VALID, VOCABULARY, VECTORS = (
    ENCODED / name for name in ("train.parquet", "valid.parquet", "vocabulary.json", VECTORS_FILE)
)
MODEL = [Path("models", name) for name in TRAINED_FILES]
SCORES, HISTORY = Path("metrics/training.csv"), Path("metrics/history.csv")
CHECKPOINT = Path(".checkpoint/training.safetensors")
FEW = 20  # entities; a type with fewer is hardly learned


def main() -> None:
    loaded = params.load()
    with locked_folder("a training"):
        for path in (*MODEL, SCORES, HISTORY):  # before the work, not after it
            check_is_replaceable(path)
        inputs = StageInputs([TRAIN, VALID, VOCABULARY, VECTORS], parameters_of(loaded))
        vocabulary = Vocabulary.load(VOCABULARY)
        with encoded_file_errors(VECTORS):
            vectors = WordVectors.load(VECTORS)
        examples, valid_examples = load_examples(TRAIN), load_examples(VALID)
        for line in overview(examples, valid_examples, vocabulary.entity_types):
            print(line)
        max_length = loaded.train.max_length
        too_long = sum(example.length > max_length for example in examples)
        if too_long:
            print(
                f"{too_long} of {len(examples)} sentences of train are cut to {max_length}"
                " characters"
            )

        # Not above: TensorFlow takes seconds to load, and what is wrong up to here is told at once.
        end_at_once_on_ctrl_c()
        from charner.training.run import run
        from charner.training.state import Checkpoint, fingerprint

        raise_on_ctrl_c()
        checkpoint = Checkpoint(CHECKPOINT, fingerprint(inputs))
        state = run(
            loaded.model,
            loaded.train,
            vocabulary,
            vectors,
            examples,
            valid_examples,
            checkpoint,
            HISTORY,
        )
        trained = TrainedModel(
            loaded.model.architecture,
            loaded.model.chosen.model_dump(),
            vocabulary,
            state.model.vectors,
            state.model.named_weights(),
        )
        with ExitStack() as outputs:  # all are put in place at its end
            save(trained, *(outputs.enter_context(replacing(path)) for path in MODEL))
            scores = outputs.enter_context(replacing(SCORES))
            write_csv(scores, ("split", "score", "value"), state.score_rows())
            inputs.check_unchanged(
                parameters_of(params.load()),
                "undo this, and the next run writes the model; otherwise it trains another one",
            )
        checkpoint.forget()


def parameters_of(loaded: Params) -> dict[str, object]:
    """The parameters that the stage depends on, as in dvc.yaml."""
    architecture = loaded.model.architecture
    return {
        "model.architecture": architecture,
        f"model.{architecture}": loaded.model.chosen.model_dump(),
        "train": loaded.train.model_dump(),
    }


def overview(
    examples: list[Example], valid_examples: list[Example], entity_types: list[str]
) -> Iterator[str]:
    """Lines on the sizes of train and valid, and on the entities in them."""
    mentions = [mention for example in examples for mention in example.mentions]
    valid_mentions = [mention for example in valid_examples for mention in example.mentions]
    yield f"train: {size(examples)}; valid: {size(valid_examples)}"
    counts = Counter(entity_type for entity_type, _ in mentions)
    yield f"entities in train: {', '.join(f'{name} {counts[name]:,}' for name in entity_types)}"
    rare = [name for name in entity_types if counts[name] < FEW]
    yield f"types with fewer than {FEW} entities in train: {', '.join(rare) or 'none'}"
    known = set(mentions)
    unseen = sum(mention not in known for mention in valid_mentions)
    yield (
        f"entities of valid that are not in train: {unseen:,} of {len(valid_mentions):,}"
        f" ({unseen / len(valid_mentions):.0%})"
    )


def size(examples: list[Example]) -> str:
    documents = {example.document for example in examples}
    in_documents = (
        "no documents, each sentence by itself"
        if documents == {0}
        else counted(len(documents), "document")
    )
    return f"{counted(len(examples), 'sentence')}, {in_documents}"


if __name__ == "__main__":
    run_stage(main)
