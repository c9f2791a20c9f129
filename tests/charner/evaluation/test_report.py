import json

import pytest

from charner.evaluation.report import full_report, summary, summary_of_folder
from charner.support.errors import InputError

SCORES = {
    "char": {
        "accuracy": 0.9,
        "macro_f1": 0.8,
        "weighted_f1": 0.85,
        "labels": {
            "O": {"precision": 0.91, "recall": 0.92, "f1": 0.93, "support": 12345},
            "B-PER": {"precision": 0.41, "recall": 0.42, "f1": 0.43, "support": 7},
        },
    },
    "token": {"accuracy": 0.7, "macro_f1": 0.6},
    "entity": {
        "precision": 0.5,
        "recall": 0.4,
        "f1": 0.44,
        "support": 9,
        "seen": {"precision": 0.61, "recall": 0.62, "f1": 0.63, "support": 5},
        "unseen": {"precision": 0.31, "recall": 0.32, "f1": 0.33, "support": 4},
        "types": {"PER": {"precision": 0.51, "recall": 0.41, "f1": 0.45, "support": 9}},
    },
    "calibration_error": 0.0234,
    "robustness": {"lower_case": 0.123, "typos": 0.456},
}


def rows(text: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}


def test_the_report_names_labels_and_types():
    found = rows(full_report(SCORES, "test"))
    assert found["O"] == ["0.9100", "0.9200", "0.9300", "12,345"]
    assert found["B-PER"] == ["0.4100", "0.4200", "0.4300", "7"]
    assert found["PER"] == ["0.5100", "0.4100", "0.4500", "9"]
    assert found["all"] == ["0.5000", "0.4000", "0.4400", "9"]
    assert found["seen"] == ["in", "train", "0.6100", "0.6200", "0.6300", "5"]
    assert found["not"] == ["in", "train", "0.3100", "0.3200", "0.3300", "4"]


def test_calibration_and_robustness_are_told():
    *_, calibration, robustness = full_report(SCORES, "test").splitlines()
    assert calibration == "expected calibration error 0.0234"
    assert robustness == "F1 in lower case 0.1230   with typos 0.4560"


def test_the_summary_has_a_column_for_each_split():
    other = json.loads(json.dumps(SCORES).replace("0.44", "0.77"))
    lines = summary({"valid": other, "test": SCORES}).splitlines()
    assert lines[0].split() == ["valid", "test"]
    assert lines[-1].split() == ["entity", "F1", "0.7700", "0.4400"]
    assert len(lines) == 9


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "test.json: no scores here"), ("{", "not valid JSON"), ("{}", "another version")],
)
def test_without_scores_it_says_what_makes_them(tmp_path, content, expected):
    (tmp_path / "valid.json").write_text(json.dumps(SCORES))
    if content is not None:
        (tmp_path / "test.json").write_text(content)
    with pytest.raises(InputError, match=expected):
        summary_of_folder(tmp_path)
