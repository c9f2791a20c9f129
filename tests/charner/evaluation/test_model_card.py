from markdown_it import MarkdownIt

from charner.encoding.vocabulary import Vocabulary
from charner.evaluation.model_card import model_card
from charner.evaluation.report import TITLES
from charner.evaluation.scores import SplitScores


def test_the_name_of_a_type_is_no_markup():
    name = "![x](http://host/p.png)|`"
    row = {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1}
    scores = SplitScores({}, {}, {name: row}, dict.fromkeys(TITLES, 0.5), {})
    vocabulary = Vocabulary.build({"a": 1}, [name])
    card = model_card("custom", vocabulary, {}, {"valid": scores, "test": scores}, 0.05)
    page = MarkdownIt("commonmark").enable("table").render(card)
    assert "<img" not in page
    assert "<a " not in page
    assert page.count(name) == 2
