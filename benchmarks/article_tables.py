"""Prints the article's results beside those of `make article`: the tables of docs/the-article.md.

cp metrics/* benchmarks/article-metrics/      # after `make article`
python -m benchmarks.article_tables
"""

from pathlib import Path

import numpy as np
import pandas as pd

OURS = Path("benchmarks/article-metrics")

# The lines that the article shows: loss and accuracy of train, then of valid. It shows no scores of
# valid for the first epoch.
HISTORY = [
    (0.2124, 0.7984, None, None),
    (0.1219, 0.8455, 0.1149, 0.8524),
    (0.1009, 0.8671, 0.0996, 0.8731),
    (0.0890, 0.8828, 0.0921, 0.8835),
    (0.0824, 0.8918, 0.0848, 0.8942),
    (0.0779, 0.8975, 0.0814, 0.8986),
    (0.0725, 0.9035, 0.0785, 0.9030),
    (0.0710, 0.9071, 0.0759, 0.9057),
    (0.0669, 0.9119, 0.0740, 0.9095),
    (0.0634, 0.9163, 0.0725, 0.9116),
    (0.0600, 0.9217, 0.0695, 0.9152),
    (0.0561, 0.9262, 0.0683, 0.9176),
    (0.0526, 0.9307, 0.0657, 0.9210),
    (0.0499, 0.9355, 0.0667, 0.9212),
    (0.0457, 0.9402, 0.0658, 0.9226),
    (0.0414, 0.9459, 0.0644, 0.9257),
    (0.0381, 0.9506, 0.0660, 0.9248),
    (0.0354, 0.9541, 0.0652, 0.9274),
    (0.0321, 0.9586, 0.0659, 0.9294),
    (0.0364, 0.9542, 0.0644, 0.9300),
]
# Its confusion matrix, as printed there. The sums of its columns are close to the labels' numbers
# of characters in test, those of its rows are not: rows are the predicted labels.
MATRIX = np.array(
    [
        [6377, 177, 29, 502, 38, 56, 91, 43, 109],
        [162, 187279, 929, 360, 857, 2132, 150, 1006, 266],
        [15, 595, 7002, 45, 794, 1795, 6, 558, 0],
        [405, 547, 70, 3110, 18, 53, 136, 89, 124],
        [10, 287, 623, 46, 1983, 641, 6, 167, 37],
        [14, 609, 881, 93, 656, 4273, 13, 629, 8],
        [142, 93, 5, 275, 6, 14, 863, 13, 66],
        [91, 743, 893, 73, 460, 1186, 21, 6551, 23],
        [61, 190, 17, 229, 25, 12, 86, 7, 377],
    ]
)
# The labels of its ids 1 to 9, found by these sums.
LABELS = ["I-PER", "O", "B-LOC", "I-ORG", "B-MISC", "B-ORG", "I-LOC", "B-PER", "I-MISC"]


def tables() -> list[str]:
    """The history, the labels of the article's ids, the report and the confusion matrix."""
    confusions = pd.read_csv(OURS / "confusion_characters.csv")
    ours = confusions.pivot(index="actual", columns="predicted", values="count")
    order = [*confusions.actual.unique()]
    article = pd.DataFrame(MATRIX.T, LABELS, LABELS)
    return [
        history(),
        labels(article, ours, order),
        report(article, ours, order),
        confusion_matrix(article, ours, order),
    ]


def history() -> str:
    """Loss and accuracy of each epoch."""
    columns = ["train_loss", "train_accuracy", "valid_loss", "valid_accuracy"]
    ours = pd.read_csv(OURS / "history.csv")
    rows = [
        [number, *("" if v is None else f"{v:.4f}" for v in theirs), *(f"{v:.4f}" for v in own)]
        for number, theirs, own in zip(
            ours.epoch, HISTORY, ours[columns].itertuples(index=False), strict=True
        )
    ]
    names = ["loss, train", "accuracy, train", "loss, valid", "accuracy, valid"]
    return table(["epoch", *(f"{who}: {n}" for who in ("article", "ours") for n in names)], rows)


def labels(article: pd.DataFrame, ours: pd.DataFrame, order: list[str]) -> str:
    """The article's id of each label, and the numbers of characters that tell so."""
    rows = [
        [
            label,
            LABELS.index(label) + 1,
            f"{ours.loc[label].sum():,}",
            f"{article.loc[label].sum():,}",
            f"{article[label].sum():,}",
        ]
        for label in order
    ]
    sums = [f"article: sum of the {line}" for line in ("column", "row")]
    names = ["label", "the article's id", "characters in test", *sums]
    return table(names, rows)


def report(article: pd.DataFrame, ours: pd.DataFrame, order: list[str]) -> str:
    """Precision, recall and F1 of each label, with accuracy and means."""
    scores = [scores_of(matrix.loc[order, order]) for matrix in (article, ours)]
    rows = [
        [name, *(f"{v:.2f}" if pd.notna(v) else "" for s in scores for v in s.loc[name])]
        for name in scores[0].index
    ]
    names = [f"{who}: {n}" for who in ("article", "ours") for n in ("precision", "recall", "F1")]
    return table(["", *names], rows)


def scores_of(matrix: pd.DataFrame) -> pd.DataFrame:
    """The scores of a confusion matrix whose rows are the actual labels."""
    right, actual, predicted = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    scores = pd.DataFrame({"precision": right / predicted, "recall": right / actual})
    scores["F1"] = 2 * right / (predicted + actual)
    weighted = scores.mul(actual / actual.sum(), axis=0).sum()
    accuracy = pd.Series({"F1": right.sum() / actual.sum()})
    means = {"accuracy": accuracy, "macro mean": scores.mean(), "weighted mean": weighted}
    return pd.concat([scores, pd.DataFrame(means).T])[["precision", "recall", "F1"]]


def confusion_matrix(article: pd.DataFrame, ours: pd.DataFrame, order: list[str]) -> str:
    """The predicted labels of each actual label's characters, in percent: the article's, ours."""
    shares = [matrix.div(matrix.sum(axis=1), axis=0) * 100 for matrix in (article, ours)]
    rows = [
        [
            actual,
            *(", ".join(f"{s.loc[actual, predicted]:.1f}" for s in shares) for predicted in order),
        ]
        for actual in order
    ]
    return table(["actual, predicted:", *order], rows)


def table(names: list[str], rows: list[list]) -> str:
    """A table in Markdown; all columns but the first are numbers."""
    lines = [names, ["---", *["---:"] * (len(names) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


if __name__ == "__main__":
    print(*tables(), sep="\n\n")
