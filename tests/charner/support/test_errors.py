from charner.support.errors import LONGEST_LINE, InputError, described


def test_long_lines_are_shortened_in_the_middle():
    message = "corpus.txt:3: '" + "x" * 100_000 + "' is not a tag"
    first, second = described(InputError(message, "another")).split("\n")
    assert first.startswith("corpus.txt:3: 'xx")
    assert first.endswith("xx' is not a tag")
    assert len(first) < LONGEST_LINE + 10
    assert second == "error: another"


def test_what_a_message_quotes_neither_breaks_the_line_nor_commands_the_terminal():
    message = "a\r\nb\x1b[2Jc\u202ed\u2028e\ud800f"
    assert str(InputError(message)) == "a  b\ufffd[2Jc\ufffdd e\ufffdf"
