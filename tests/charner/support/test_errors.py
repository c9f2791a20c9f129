from charner.support.errors import LONGEST_LINE, InputError


def test_long_lines_are_shortened_in_the_middle():
    message = "corpus.txt:3: '" + "x" * 100_000 + "' is not a tag"
    first, second = str(InputError(f"{message}\nerror: another")).split("\n")
    assert first.startswith("corpus.txt:3: 'xx")
    assert first.endswith("xx' is not a tag")
    assert len(first) < LONGEST_LINE + 10
    assert second == "error: another"
