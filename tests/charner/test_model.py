import numpy as np
import pytest

from charner import model
from charner.encoding import Vocabulary
from charner.params import Model

SMALL = Model(
    architecture="char_lstm",
    embedding_dim=4,
    lstm_units=5,
    lstm_layers=2,
    bidirectional=True,
    dropout=0.5,
)
VOCABULARY = Vocabulary.build("abcdef", ["LOC", "PER"])


def test_with_the_articles_sizes_it_is_the_articles_model():
    sizes = {"embedding_dim": 256, "lstm_units": 1024, "lstm_layers": 1}
    settings = SMALL.model_copy(update={**sizes, "bidirectional": False, "dropout": 0.0})
    # CoNLL-2003 has 84 characters beside the space.
    alphabet = [chr(ord("!") + i) for i in range(84)]
    vocabulary = Vocabulary.build(alphabet, ["LOC", "MISC", "ORG", "PER"])
    built = model.build(settings, vocabulary)
    parameters = {layer.name: layer.count_params() for layer in built.layers}
    assert {name: count for name, count in parameters.items() if count} == {
        "embedding": 22_272,
        "lstm_1": 5_246_976,
        "labels": 10_250,
    }
    assert built.count_params() == 5_279_498


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
def test_padding_changes_nothing(bidirectional, layers):
    settings = SMALL.model_copy(update={"bidirectional": bidirectional, "lstm_layers": layers})
    built = model.build(settings, VOCABULARY)
    sentence = np.array([[3, 4, 5]])
    padded = np.array([[3, 4, 5, 0, 0], [6, 5, 4, 3, 3]])
    alone, together = built(sentence).numpy(), built(padded).numpy()
    np.testing.assert_allclose(alone[0], together[0, :3], atol=1e-6)


@pytest.mark.parametrize("bidirectional", [True, False])
def test_only_both_directions_see_what_follows(bidirectional):
    built = model.build(SMALL.model_copy(update={"bidirectional": bidirectional}), VOCABULARY)
    one, other = built(np.array([[3, 4, 5], [3, 4, 6]])).numpy()
    assert (not np.allclose(one[0], other[0])) == bidirectional


def test_a_saved_model_gives_the_same_logits(tmp_path):
    built = model.build(SMALL, VOCABULARY)
    model.save(tmp_path, built, SMALL, VOCABULARY)
    model.build(SMALL, VOCABULARY)  # another model in the process changes no names
    loaded, vocabulary = model.load(tmp_path)
    assert vocabulary == VOCABULARY
    characters = np.array([[3, 4, 5, 6]])
    np.testing.assert_array_equal(built(characters).numpy(), loaded(characters).numpy())


def test_the_same_model_is_saved_as_the_same_bytes(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    built = model.build(SMALL, VOCABULARY)
    model.save(first, built, SMALL, VOCABULARY)
    loaded, _ = model.load(first)
    model.save(second, loaded, SMALL, VOCABULARY)
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()
