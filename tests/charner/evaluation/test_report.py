from charner.evaluation.report import full_report
from charner.evaluation.scores import SplitScores

SCORES = SplitScores(
    characters={
        "O": {"precision": 0.91, "recall": 0.92, "f1": 0.93, "support": 12345},
        "B-PER": {"precision": 0.41, "recall": 0.42, "f1": 0.43, "support": 7},
    },
    tokens={"I-PER": {"precision": 0.21, "recall": 0.22, "f1": 0.23, "support": 6}},
    entities={
        "PER": {"precision": 0.51, "recall": 0.41, "f1": 0.45, "support": 9},
        "not in train": {"precision": 0.31, "recall": 0.32, "f1": 0.33, "support": 4},
    },
    single={"entity_f1": 0.4, "typo_f1": 0.456},
    confusions={},
)


def test_the_report_has_all_scores():
    lines = full_report(SCORES, "test").splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines if line}
    assert rows["O"] == ["0.9100", "0.9200", "0.9300", "12,345"]
    assert rows["B-PER"] == ["0.4100", "0.4200", "0.4300", "7"]
    assert rows["I-PER"] == ["0.2100", "0.2200", "0.2300", "6"]
    assert rows["PER"] == ["0.5100", "0.4100", "0.4500", "9"]
    assert rows["not"] == ["in", "train", "0.3100", "0.3200", "0.3300", "4"]
    assert rows["entity"] == ["F1", "with", "typos", "0.4560"]
    assert lines[-2].split() == ["entity", "F1", "0.4000"]
