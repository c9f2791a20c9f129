"""The topic of a document: latent semantic analysis of the training documents' tokens.

Deerwester et al. (1990), "Indexing by Latent Semantic Analysis".
"""

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.utils.extmath import randomized_svd


def topic_vectors(documents: list[list[int]], token_count: int, dimensions: int) -> np.ndarray:
    """For every token id a vector; the sum of those of a document's tokens points to its topic.

    Args:
        documents: the token ids of each, each id once.
        token_count: the number of token ids.
        dimensions: of the vectors; those that the documents do not fill are zeros.

    Returns:
        (token_count, dimensions): the right singular vectors of the documents' tf-idf weights,
        times the tokens' inverse document frequency; 0 for ids that no document has.
    """
    lengths = [len(document) for document in documents]
    counts = csr_matrix(
        (np.ones(sum(lengths)), np.concatenate(documents), np.cumsum([0, *lengths])),
        shape=(len(documents), token_count),
    )
    tf_idf = TfidfTransformer()
    weights = tf_idf.fit_transform(counts)
    rank = min(dimensions, len(documents), token_count)
    _, sizes, components = randomized_svd(weights, rank, random_state=0)
    # Of what has no size, the direction is chance.
    components[sizes < 1e-6 * sizes.max()] = 0
    components[:, np.bincount(counts.indices, minlength=token_count) == 0] = 0
    vectors = np.zeros((token_count, dimensions), np.float32)
    vectors[:, :rank] = (components * tf_idf.idf_).T
    return vectors
