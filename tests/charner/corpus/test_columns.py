import pytest

from charner.corpus.formats import read_sentences
from charner.corpus.mistakes import Mistakes
from charner.support.errors import InputError

TWO_DOCUMENTS = """\
-DOCSTART- -X- O O

Ann NNP B-PER
left\tVBD \tO

-DOCSTART- -X- O O

# NN O
 Rome NNP B-LOC\t

"""


def test_sentences_carry_tokens_tags_document_and_lines(write):
    first, second = read_sentences(write(TWO_DOCUMENTS))
    assert (first.tokens, first.tags) == (["Ann", "left"], ["B-PER", "O"])
    assert (first.document, first.lines) == (1, [3, 4])
    assert (second.tokens, second.tags) == (["#", "Rome"], ["O", "B-LOC"])
    assert (second.document, second.lines) == (2, [8, 9])


def test_text_without_document_lines_is_document_0(write):
    (sentence,) = read_sentences(write("Ann B-PER"))
    assert sentence.document == 0


def test_columns_can_be_chosen(write):
    path = write("1 B-PER Ann x\n2 O left y\n")
    (sentence,) = read_sentences(path, token_column=-2, tag_column=1)
    assert (sentence.tokens, sentence.tags) == (["Ann", "left"], ["B-PER", "O"])


def test_a_document_line_may_start_with_a_number(write):
    (sentence,) = read_sentences(write("1 -DOCSTART- O\n\n1 Ann B-PER\n"), token_column=1)
    assert (sentence.document, sentence.tokens) == (1, ["Ann"])


def test_only_the_given_prefix_makes_a_comment(write):
    path = write("# text\n## O\n#1 O\n")
    (sentence,) = read_sentences(path, comment_prefix="# ")
    assert sentence.tokens == ["##", "#1"]


@pytest.mark.parametrize(
    "character", ["\u00a0", "\u0085", "\u2028", "\u3000", "\x0b", "\x0c", "\x1c"]
)
def test_other_white_space_belongs_to_tokens(write, character):
    (sentence,) = read_sentences(write(f"12{character}000 O\n{character} O\n"))
    assert sentence.tokens == [f"12{character}000", character]


def test_only_tabs_separate_columns_if_the_first_line_has_no_space(write):
    (sentence,) = read_sentences(write("\nin\tIN\tO\nNew York\tNNP\tB-LOC\t\nhere\t RB \tO \n"))
    assert sentence.tokens == ["in", "New York", "here"]
    assert sentence.tags == ["O", "B-LOC", "O"]


def test_only_tabs_separate_columns_if_all_lines_have_as_many_but_not_as_many_spaces(write):
    (sentence,) = read_sentences(write("New York\tB-LOC\nis\tO\nso big\tO\n"))
    assert sentence.tokens == ["New York", "is", "so big"]


def test_without_a_tab_or_with_a_space_in_the_first_line_spaces_separate_columns(write):
    (sentence,) = read_sentences(write("Ann NNP\tB-PER\nleft VBD\tO\n"))
    assert (sentence.tokens, sentence.tags) == (["Ann", "left"], ["B-PER", "O"])


@pytest.mark.parametrize("ends", [b"\r\n", b" \n", b"\t\n", b" \t\r\n"])
@pytest.mark.parametrize("last", [b"", b"\n", b"\n\n \n"])
def test_white_space_at_line_ends_and_blank_lines_are_no_content(write, ends, last):
    lines = [b"Ann B-PER", b"left O", b"", b" ", b"", b"Bo B-PER"]
    first, second = read_sentences(write(ends.join(lines) + last))
    assert (first.tokens, first.tags) == (["Ann", "left"], ["B-PER", "O"])
    assert (second.tokens, second.tags, second.lines) == (["Bo"], ["B-PER"], [6])


def test_byte_order_marks_within_joined_files_are_no_content(write):
    mark = "\ufeff"
    first, second = read_sentences(write(f"{mark}a O\n{mark}b O\n{mark}\nc{mark} O\n{mark}"))
    assert (first.tokens, second.tokens) == (["a", "b"], [f"c{mark}"])


def test_the_first_line_may_lack_its_token(write):
    mistakes = Mistakes(repair=True)
    (sentence,) = read_sentences(write("\tO\na b\tO\n"), mistakes=mistakes)
    assert sentence.tokens == ["a b"]
    assert len(mistakes.report()) == 1


def test_mistakes_are_repaired_and_reported(write):
    path = write("a\tO\n\tO\nb\to\nc\tx\tO\nd\to\n\n\tO\n\ne\tO\n")
    mistakes = Mistakes(repair=True)
    first, second = read_sentences(path, mistakes=mistakes)
    assert (first.tokens, first.tags) == (["a", "b", "c", "d"], ["O"] * 4)
    assert (first.lines, second.tokens) == ([1, 3, 4, 5], ["e"])
    report = mistakes.report()
    assert len(report) == 3
    for line, count, number in zip(report, (2, 1, 2), (2, 4, 3), strict=True):
        assert line.startswith("repaired: ")
        assert f"; {count} in all, the first: {path}:{number}: " in line


@pytest.mark.parametrize("end", ["", "\r", "\r\r"])
def test_line_ends_of_old_macs_are_line_ends(write, end):
    sentences = [*read_sentences(write(f"Ann B-PER\rleft O\r\rParis B-LOC{end}"))]
    assert [(s.tokens, s.lines) for s in sentences] == [(["Ann", "left"], [1, 2]), (["Paris"], [4])]


def test_in_a_file_with_tabs_a_document_may_start_with_spaces(write):
    path = write("In\tO\nNew York\tB-LOC\n\n-DOCSTART- -X- O\n\n-DOCSTART- b\tO\n")
    assert [(s.document, s.tokens) for s in read_sentences(path)] == [
        *((0, ["In", "New York"]), (1, ["-DOCSTART- b"])),
    ]


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        list(read_sentences(tmp_path / "none.txt"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", ": holds no sentence"),
        ("-DOCSTART- O\n\n", ": holds no sentence"),
        ("Ann B-PER\nleft\n", r":2: 1 column\(s\) are too few"),
        ("a\tO\nc O\n", r":2: .* too few .*\(columns are separated by tabs"),
        (b"Ann B-PER\n\xff O\n", ":2: byte 0xff is not UTF-8"),
        (b"\xef\xbb\xbf\xfeAnn O\n", ":1: byte 0xfe is not UTF-8"),
        ("a O\r\nb O\rc B-X\r\n", ":2: a line break of old Macs"),
        # These could be repaired.
        ("a\tO\n\tO\n", ":2: the token is empty; char_encode.mistakes: repair skips"),
        ("a O\nb o\n", ":2: tag o in lower case; char_encode.mistakes: repair reads"),
        ("a b\tO\nc O\n", r":2: 2 columns, but .*\(columns are separated by spaces .*repair"),
        ("a O\nNew York O\n", ":2: 3 columns, but the first line has 2 .*repair takes"),
    ],
)
def test_a_mistake_is_reported_with_file_and_line(write, content, message):
    path = write(content)
    with pytest.raises(InputError, match=f"^{path}{message}"):
        list(read_sentences(path))


def test_a_line_in_which_both_columns_are_one_is_too_short(write):
    with pytest.raises(InputError, match=":1: 2 column"):
        list(read_sentences(write("Ann B-PER\n"), token_column=1, tag_column=-1))


def test_comments_need_no_prefix(write):
    mistakes = Mistakes()
    path = write(
        "# newdoc id = a\n# text = Ann is O\nAnn B-PER\n#\tO\n\n"
        "#\thttp://example.org\n# O\nAnn B-PER\n\n# newdoc\nBo B-PER\n"
    )
    sentences = [*read_sentences(path, mistakes=mistakes)]
    assert [(s.document, s.tokens) for s in sentences] == [
        *((1, ["Ann", "#"]), (1, ["#", "Ann"]), (2, ["Bo"])),
    ]
    (told,) = mistakes.report()
    assert "; 2 in all, the first: " in told
    assert told.endswith(":2: '# text = Ann is O'")


UNIVERSAL_NER = """\
# sent_id = 1
1-2\tdu\t_\t-\tann
1\tde\tO\t-\tann
2\tle\tO\t-\tann
3\tAnn\tB-PER\t-\tann
3.1\tAnn\t_\t-\tann

1\tBo\tB-PER\t-\tann
2\tleft\tO\t-\tann
"""


def test_columns_after_a_count_of_tokens_are_recognised(write):
    mistakes = Mistakes()
    first, second = read_sentences(write(UNIVERSAL_NER), mistakes=mistakes)
    assert (first.tokens, first.tags) == (["de", "le", "Ann"], ["O", "O", "B-PER"])
    assert second.tokens == ["Bo", "left"]
    columns, comments, parts = mistakes.report()
    assert columns.endswith("corpus.txt: column 1 is 'de', column 2 is 'O'")
    assert comments.endswith(":1: '# sent_id = 1'")
    assert "; 2 in all, the first: " in parts
    chosen = read_sentences(write("1 B-PER Ann\n2 O left\n"), token_column=2, tag_column=1)
    assert [s.tokens for s in chosen] == [["Ann", "left"]]


def test_numbers_that_do_not_count_tokens_are_tokens(write):
    tokens = ["1", "2", "tons"]
    (sentence,) = read_sentences(write("".join(f"{token} CD O O\n" for token in tokens)))
    assert sentence.tokens == tokens


LABEL_STUDIO = "-DOCSTART- -X- O\nAnn -X- _ B-PER\nleft -X- _ O\n\nBo -X- _ B-PER\n"


def test_the_only_document_line_of_label_studio_starts_no_document(write):
    mistakes = Mistakes()
    sentences = [*read_sentences(write(LABEL_STUDIO), mistakes=mistakes)]
    assert [(s.document, s.tokens) for s in sentences] == [(0, ["Ann", "left"]), (0, ["Bo"])]
    (told,) = mistakes.report()
    assert "each sentence stands by itself" in told
    ours = read_sentences(write(LABEL_STUDIO.replace("-X- _", "NN _")))
    assert {s.document for s in ours} == {1}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("a O\n" * 101, 1),
        ("-DOCSTART- O\n\n" + "a O\n" * 101, 3),
        ("a O\n\n" + "a O\n" * 1001, 3),
        ("Word,Tag\n" + "a,O\n" * 101, 2),
    ],
)
def test_sentences_whose_ends_were_lost_are_refused(write, content, line):
    with pytest.raises(InputError, match=f":{line}: the sentence that begins here has 1,?0"):
        list(read_sentences(write(content)))


def test_long_sentences_are_read(write):
    (sentence,) = read_sentences(write("a O\n" * 100))
    assert len(sentence.tokens) == 100
    _, sentence = read_sentences(write("a O\n\n" + "a O\n" * 1000))
    assert len(sentence.tokens) == 1000


def test_hashtags_are_tokens_and_documents_of_conll_2012_begin(write):
    path = write("#begin document (x); part 000\n#London B-LOC\n\n#text O\n\n#end document\n")
    mistakes = Mistakes()
    sentences = [*read_sentences(path, mistakes=mistakes)]
    assert [(s.document, s.tokens) for s in sentences] == [(1, ["#London"]), (1, ["#text"])]


def test_plain_types_and_counts_from_0_after_a_count_are_recognised(write):
    for first in (0, 1):
        rows = ["Maria PERSON x", "lives O x", "in O x", "Rome LOCATION x"]
        path = write("".join(f"{first + i} {row}\n" for i, row in enumerate(rows)))
        (sentence,) = read_sentences(path)
        assert sentence.tags == ["I-PERSON", "O", "O", "I-LOCATION"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "Ann B PER\nleft O O\nBo B PER\n",
            "one column holds B, I and O, .* make one column of both",
        ),
        ("7 Ann B-PER\n9 left O\n", "the first column holds numbers, and tokens are read from it"),
        ("Word Entity\nAnn PERSON\nleft O\nlate O\n", "seems to name the columns; remove it, or"),
    ],
)
def test_columns_that_are_read_wrongly_are_refused(write, content, message):
    with pytest.raises(InputError, match=message):
        list(read_sentences(write(content)))


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        ("The Tern left Hull.\nThe Heron left Leith.\n", "plain text, which `charner tag` tags"),
        ("The,DT,O\nTern,NN,B-SHIP\n", "its first line should name them, as Word,Tag"),
        ("{'text': 'The Tern', 'label': []}\n", "Python code: write it as JSON"),
        ("TRAIN_DATA = [\n    ('The Tern', {}),\n]\n", "Python code: write it as JSON"),
        (
            "1\tTern\ttern\tNOUN\t_\t_\t0\troot\t_\tNER=B-SHIP\n",
            "seems to be CoNLL-U: write the tags",
        ),
        ("The/O Tern/B-SHIP left/O\n", "joined to their tokens: write a token, a tab"),
        ("The|O Tern|B-SHIP left|O\n", "joined to their tokens: write a token, a tab"),
        ("The (SHIP*\nTern *)\nleft *\nHull (PORT)\n", "brackets of OntoNotes: write"),
        ("x 0 The * -\nx 1 Tern (SHIP* -\n", "brackets of OntoNotes: write"),
        ("The <SHIP>Grey Tern</SHIP> left.\n", "XML or HTML: export CoNLL columns"),
        ("<!DOCTYPE html><html><body>404</body></html>\n", "XML or HTML: export CoNLL columns"),
        ("text,ner_tags\nThe Tern,\"['O', 'B-SHIP']\"\n", "lists: save the dataset as JSON"),
    ],
)
def test_what_holds_no_tags_says_what_to_do(write, content, hint):
    with pytest.raises(
        InputError, match=f"has no column of tags, such as O and B-PER .*; .*{hint}"
    ):
        list(read_sentences(write(content)))


def test_several_columns_of_tags_are_told(write):
    mistakes = Mistakes()
    (sentence,) = read_sentences(write("Ann B-NP B-PER\nleft B-VP O\n"), mistakes=mistakes)
    assert sentence.tags == ["B-PER", "O"]
    (told,) = mistakes.report()
    assert told.endswith("corpus.txt: columns 1, 2; the last one was read")
    mistakes = Mistakes()
    chosen = read_sentences(write("Ann B-NP B-PER\n"), tag_column=1, mistakes=mistakes)
    assert ([s.tags for s in chosen], mistakes.report()) == ([["B-NP"]], [])
