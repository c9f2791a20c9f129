import pytest

from charner.corpus import SPLITS, own_files
from charner.support.errors import InputError


@pytest.fixture
def copied(tmp_path):
    """Writes files, copies them, and returns the contents of the copies by name."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()

    def copied(files: dict[str, bytes]) -> dict[str, bytes]:
        for name, content in files.items():
            (source / name).write_bytes(content)
        own_files.copy(source, target)
        return {path.name: path.read_bytes() for path in target.iterdir()}

    return copied


def test_files_of_the_three_splits_are_copied_normalised(copied):
    files = {f"{split}.txt": f"{split} O\r\n\r\n \t\r\n".encode() for split in SPLITS}
    others = {".gitignore": b"*", "README.md": b"mine"}
    assert copied(files | others) == {f"{split}.txt": f"{split} O\n".encode() for split in SPLITS}


def test_line_ends_of_old_macs_are_normalised(copied):
    files = dict.fromkeys([f"{split}.txt" for split in SPLITS], b"a O\r\rb O\r")
    assert set(copied(files).values()) == {b"a O\n\nb O\n"}


def test_suffixes_are_kept(copied):
    files = {"train.jsonl": b"{}\n", "valid.conll": b"a O\n", "test.txt": b"b O\n"}
    assert copied(files) == files


def test_files_of_spacy_are_copied_as_they_are(copied):
    assert copied({"corpus.spacy": b"\x78\x9c\r\n \n"}) == {"all.spacy": b"\x78\x9c\r\n \n"}


def test_parquet_is_copied_as_it_is(copied):
    assert copied({"corpus.parquet": b"PAR1 \r\n \nPAR1\n"}) == {
        "all.parquet": b"PAR1 \r\n \nPAR1\n"
    }


def test_folders_of_brat_are_copied_as_they_are(tmp_path):
    content = b"Ann left.\r\n "
    for name in ("a", "b"):
        for folder in (tmp_path / "one", *(tmp_path / "three" / split for split in SPLITS)):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.txt").write_bytes(content)
            (folder / f"{name}.ann").write_bytes(b"")
            (folder / "annotation.conf").touch()
    for source, parts in (("one", ["all"]), ("three", SPLITS)):
        target = tmp_path / f"copy of {source}"
        target.mkdir()
        own_files.copy(tmp_path / source, target)
        assert sorted(path.name for path in target.iterdir()) == sorted(parts)
        for part in parts:
            files = {path.name: path.read_bytes() for path in (target / part).iterdir()}
            assert files == {"a.txt": content, "b.txt": content, "a.ann": b"", "b.ann": b""}


@pytest.mark.parametrize("other", ["more/c.txt", "data.jsonl"])
def test_nothing_beside_files_of_brat_is_left_out(tmp_path, other):
    for name in ("a.txt", "a.ann", other):
        (tmp_path / "corpus" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "corpus" / name).touch()
    with pytest.raises(InputError, match=f"there should be no others; has {other.split('/')[0]}"):
        own_files.copy(tmp_path / "corpus", tmp_path)


def test_a_single_file_is_the_whole_corpus(copied, tmp_path):
    assert copied({".gitignore": b"*", "README.md": b"", "mine.jsonl": b"{}"}) == {
        "all.jsonl": b"{}\n"
    }
    again = tmp_path / "again"
    again.mkdir()
    own_files.copy(tmp_path / "source/mine.jsonl", again)
    assert [path.name for path in again.iterdir()] == ["all.jsonl"]


@pytest.mark.parametrize(
    ("files", "named"),
    [
        (["train.txt", "test.txt"], "test.txt, train.txt"),
        (["train.txt"], "train.txt"),
        (["a.txt", "b.txt"], "a.txt, b.txt"),
        (["train.txt", "train.jsonl", "valid.txt", "test.txt"], "test.txt, train.jsonl, train.txt"),
        (["train.txt", "valid.txt", "test.txt", "more.txt"], "more.txt, test.txt"),
        ([], "nothing"),
    ],
)
def test_other_files_are_refused(copied, files, named):
    with pytest.raises(InputError, match=f"has {named}"):
        copied(dict.fromkeys(files, b"a O\n"))


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="none: No such file"):
        own_files.copy(tmp_path / "none", tmp_path)
