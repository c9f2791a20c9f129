import json
import re
from html.parser import HTMLParser

import pytest

from charner.corpus.formats import read_sentences
from charner.tagging import writers
from charner.tagging.readers import TextDocument, TokenDocument
from charner.tagging.tagger import Entity, TaggedSentence, TaggedText, as_text

TEXT = "Ada <b> &amp; Bo\nBo\x1b[2J \x00 in Oslo"
TAGGED = TaggedText(
    TEXT,
    [Entity("PER", 0, 3, "Ada", 0.75), Entity("X&Y", 14, 19, "Bo\nBo", 0.5)],
    [
        TaggedSentence(["Ada", "<b>"], ["B-PER", "O"], []),
        TaggedSentence(["in", "Oslo"], ["O", "O"], []),
    ],
)
TYPES = ["PER", "X&Y"]


def test_a_json_line_holds_text_and_entities():
    written = writers.jsonl().document(TextDocument(TEXT, 0), TAGGED)
    assert written.count("\n") == 1
    assert json.loads(written) == {
        "text": TEXT,
        "entities": [
            {"type": "PER", "start": 0, "end": 3, "text": "Ada", "score": 0.75},
            {"type": "X&Y", "start": 14, "end": 19, "text": "Bo\nBo", "score": 0.5},
        ],
    }


def test_a_json_line_keeps_the_object_and_names_the_file():
    record = {"id": 3, "body": TEXT, "entities": "old"}
    document = TextDocument(TEXT, 0, record=record)
    written = json.loads(writers.jsonl().document(document, TAGGED))
    assert written == {**record, "entities": written["entities"]}
    assert len(written["entities"]) == 2
    assert record["entities"] == "old"
    document = TextDocument(TEXT, 0, title="a.txt")
    assert json.loads(writers.jsonl().document(document, TAGGED))["file"] == "a.txt"


@pytest.mark.parametrize(("to", "field"), [("doccano", "label"), ("prodigy", "spans")])
def test_what_one_tool_has_written_does_not_hide_what_the_other_reads(to, field, tmp_path):
    old = {"spans": [{"start": 5, "end": 8, "label": "OLD"}], "label": [[5, 8, "OLD"]]}
    record = {"id": 3, "text": TEXT, "tokens": [], "answer": "reject", "labels": [], **old}
    document = TextDocument(TEXT, 0, record=record)
    written = getattr(writers, to)().document(document, TAGGED)
    assert json.loads(written).keys() == {"id", "text", field}
    (tmp_path / "in.jsonl").write_text(written)
    (first, *_) = read_sentences(tmp_path / "in.jsonl")
    assert first.tags[0] == "B-PER"
    assert "OLD" not in str(first.tags)


def test_a_task_of_label_studio_has_a_prediction():
    record = {"id": 3, "body": TEXT, "text": "another", "label": "old"}
    document = TextDocument(TEXT, 0, record=record, text_field="body")
    task = json.loads(writers.label_studio().document(document, TAGGED))
    assert task["data"] == {"id": 3, "text": TEXT, "meta": {"text": "another"}}
    (prediction,) = task["predictions"]
    assert prediction["score"] == 0.5
    first, second = prediction["result"]
    assert first["value"] == {"start": 0, "end": 3, "text": "Ada", "labels": ["PER"]}
    assert (first["from_name"], first["to_name"], first["type"]) == ("label", "text", "labels")
    assert (first["score"], second["score"]) == (0.75, 0.5)
    assert first["id"] != second["id"]
    nothing = json.loads(writers.label_studio().document(document, TaggedText(TEXT, [], [])))
    assert nothing["predictions"][0]["result"] == []


def test_spaces_in_types_become_underscores_in_columns():
    tagged = TaggedText("Tern", [], [TaggedSentence(["Tern"], ["B-Ship Name"], [])])
    assert (
        writers.conll().document(TextDocument("Tern", 0), tagged).endswith("Tern B-Ship_Name\n\n")
    )
    columns = writers.conll().document(TokenDocument([], ["Tern\tNN"], 0, separator="\t"), tagged)
    assert columns == "Tern\tNN\tB-Ship_Name\n"


def test_scores_are_rounded_where_they_are_written():
    tagged = TaggedText("Ada", [Entity("PER", 0, 3, "Ada", 1 / 3)], [])
    document = TextDocument("Ada", 0)
    (entity,) = json.loads(writers.jsonl().document(document, tagged))["entities"]
    assert entity["score"] == 0.3333
    assert 'title="PER 0.3333"' in writers.page(TYPES, "en").document(document, tagged)


def test_text_becomes_columns():
    written = writers.conll().document(TextDocument(TEXT, 0), TAGGED)
    assert written == "-DOCSTART- O\n\nAda B-PER\n<b> O\n\nin O\nOslo O\n\n"


def test_columns_get_one_more():
    lines = ["-DOCSTART- -X-", "", "Ada\tNNP ", "\u00a0 X", "", "", "in", "Oslo NNP"]
    document = TokenDocument([], lines, 0)
    assert writers.conll().document(document, TAGGED).split("\n") == [
        *(
            "-DOCSTART- -X- O",
            "",
            "Ada\tNNP B-PER",
            "\u00a0 X O",
            "",
            "",
            "in O",
            "Oslo NNP O",
            "",
        ),
    ]


def test_columns_that_tabs_separate_get_one_more_after_a_tab():
    lines = ["Ada Lovelace", "in\tIN\t", "-DOCSTART- x"]
    document = TokenDocument([], lines, 0, separator="\t")
    tagged = TaggedText("", [], [TaggedSentence(lines, ["B-PER", "O", "O"], [])])
    assert writers.conll().document(document, tagged).splitlines() == [
        *("Ada Lovelace\tB-PER", "in\tIN\tO", "-DOCSTART- x\tO"),
    ]


def test_half_a_character_is_not_written_in_columns():
    tagged = TaggedText("a\ud800", [], [TaggedSentence(["a\ud800"], ["O"], [])])
    with pytest.raises(writers.UnwritableError, match="half a character"):
        writers.conll().document(TextDocument("a\ud800", 0), tagged)


def test_a_record_that_is_nested_too_deeply_is_not_written():
    record = {"text": "a"}
    for _ in range(5000):
        record = {"x": record}
    with pytest.raises(writers.UnwritableError, match="nested too deeply"):
        writers.jsonl().document(TextDocument("a", 0, record=record), TaggedText("a", [], []))


def test_colours_are_all_that_is_added_to_a_terminal():
    written = writers.ansi(TYPES).document(TextDocument(TEXT, 0), TAGGED)
    colours = re.findall(r"\x1b\[30;(\d+)m(\w+)\x1b\[0m", written)
    assert [text for _, text in colours] == ["Ada", "Bo", "Bo"]
    assert colours[0][0] != colours[1][0] == colours[2][0]
    plain = re.sub(r"\x1b\[[\d;]+m", "", written)
    assert plain == "Ada/PER <b> &amp; Bo\nBo/X&Y\ufffd[2J \ufffd in Oslo\n"


class Page(HTMLParser):
    """The text of a page's articles, and of its marked parts."""

    def __init__(self, page: str):
        super().__init__()
        self.open, self.tags, self.text, self.marks = [], [], "", []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)
        if tag == "mark" and "article" in self.open:
            self.marks.append([dict(attributes)["title"], ""])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "article" in self.open and "small" not in self.open:
            self.text += data
            if "mark" in self.open:
                self.marks[-1][1] += data


def test_the_page_shows_the_text_with_its_entities():
    layout = writers.page(TYPES, "en")
    document = TextDocument(TEXT, 0, title="<i>.txt")
    written = layout.head + layout.document(document, TAGGED) * 2 + layout.foot
    page = Page(written)
    shown = TEXT.replace("\x1b", "\ufffd").replace("\x00", "\ufffd")
    assert page.text == shown * 2
    assert page.marks == [["PER 0.75", "Ada"], ["X&Y 0.5", "Bo\nBo"]] * 2
    assert page.open == []
    assert {"script", "link", "img", "i", "b"}.isdisjoint(page.tags)
    assert page.tags.count("mark") == len(TYPES) + 4  # the legend's
    assert "&lt;i&gt;.txt" in written
    assert re.search(r"https?:|//|url\(|@import", written) is None


@pytest.mark.parametrize("count", [1, 20])
def test_every_type_has_a_colour(count):
    types = [f"T{number}" for number in range(count)]
    tagged = TaggedText("ab", [Entity(types[-1], 0, 2, "ab", 1.0)], [])
    for layout in (writers.ansi(types), writers.page(types, "en")):
        assert types[-1] in layout.document(TextDocument("ab", 0), tagged)


def test_sentences_of_tokens_have_every_output():
    entity = Entity("PER", 0, 2, "Ada Bo", 0.9)
    tagged = as_text([TaggedSentence(["Ada", "Bo"], ["B-PER", "I-PER"], [entity])])
    document = TokenDocument([["Ada", "Bo"]], ["Ada", "Bo"], 0)
    for layout in (writers.jsonl(), writers.ansi(TYPES), writers.page(TYPES, "en")):
        assert "Ada Bo" in layout.document(document, tagged)
