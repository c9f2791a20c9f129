import numpy as np
from markdown_it import MarkdownIt

from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.evaluation.model_card import model_card
from charner.evaluation.report import TITLES
from charner.evaluation.scores import SplitScores


def test_the_name_of_a_type_is_no_markup():
    name = "![x](http://host/p.png)|`"
    row = {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1}
    scores = SplitScores({}, {}, {name: row}, dict.fromkeys(TITLES, 0.5), {})
    vocabulary = Vocabulary.build({"a": 1}, [name])
    vectors = WordVectors.packed(name, name, ["a"], np.ones((1, 2)))
    card = model_card("custom", vocabulary, vectors, {}, {"valid": scores, "test": scores}, 0.05)
    page = MarkdownIt("commonmark").enable("table").render(card)
    assert "<img" not in page
    assert "<a " not in page
    assert page.count(name) == 4


def test_the_word_vectors_are_named_with_their_licence():
    scores = SplitScores({}, {}, {}, dict.fromkeys(TITLES, 0.5), {})
    vocabulary = Vocabulary.build({"a": 1}, ["PER"])

    def card(vectors: WordVectors) -> str:
        return model_card(
            "sample", vocabulary, vectors, {}, {"valid": scores, "test": scores}, 0.05
        )

    with_vectors = card(WordVectors.packed("GloVe", "PDDL", ["a"], np.ones((1, 2))))
    assert "Word vectors, from other text: GloVe, 1 word of 2 values." in with_vectors
    assert "The word vectors: PDDL." in with_vectors
    assert "No word vectors: the model knows nothing of other text." in card(WordVectors.none())
