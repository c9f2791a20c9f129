"""A linear CRF with common features (sklearn-crfsuite), as a baseline."""

import sklearn_crfsuite

from charner.encoding.examples import Example


def features(tokens: list[str]) -> list[dict]:
    """Common features of each token: lower case, affixes, shape, and those of its neighbours."""

    def of_token(token: str, prefix: str) -> dict:
        return {
            f"{prefix}lower": token.lower(),
            f"{prefix}title": token.istitle(),
            f"{prefix}upper": token.isupper(),
            f"{prefix}digit": token.isdigit(),
        }

    rows = []
    for position, token in enumerate(tokens):
        row = {"bias": 1.0, **of_token(token, "")}
        for length in (1, 2, 3, 4):
            row[f"prefix{length}"] = token[:length]
            row[f"suffix{length}"] = token[-length:]
        for offset in (-2, -1, 1, 2):
            if 0 <= position + offset < len(tokens):
                row |= of_token(tokens[position + offset], f"{offset}:")
            else:
                row[f"{offset}:end"] = True
        rows.append(row)
    return rows


def fitted(examples: list[Example]) -> sklearn_crfsuite.CRF:
    """Trains a linear CRF on the examples."""
    crf = sklearn_crfsuite.CRF(
        algorithm="lbfgs", c1=0.1, c2=0.1, max_iterations=100, all_possible_transitions=True
    )
    crf.fit([features(e.tokens) for e in examples], [e.tags for e in examples])
    return crf
