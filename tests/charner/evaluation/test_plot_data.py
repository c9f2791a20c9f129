import numpy as np

from charner.evaluation.plot_data import confusion_rows


def test_the_confusion_matrix_names_every_pair_in_the_labels_order():
    rows = confusion_rows(np.array([1, 1, 3]), np.array([1, 3, 3]), {"O": 1, "B-X": 2, "I-X": 3})
    assert [(row["actual"], row["predicted"]) for row in rows] == [
        (actual, predicted) for actual in ("O", "B-X", "I-X") for predicted in ("O", "B-X", "I-X")
    ]
    assert [row["count"] for row in rows] == [1, 0, 1, 0, 0, 0, 0, 0, 1]
