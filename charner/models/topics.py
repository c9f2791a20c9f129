"""Topic vectors: latent semantic analysis of the documents of train.

Deerwester et al. (1990), "Indexing by Latent Semantic Analysis".
"""

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.utils.extmath import randomized_svd


def topic_vectors(documents: list[list[int]], token_count: int, dimensions: int) -> np.ndarray:
    """A vector for each token id; the sum over a document's tokens represents its topic.

    Args:
        documents: the distinct token ids of each document.
        token_count: the number of token ids.
        dimensions: the size of the vectors; 0 in dimensions beyond the rank of the documents.

    Returns:
        (token_count, dimensions): the right singular vectors of the documents' tf-idf weights,
        times the tokens' inverse document frequency; 0 for ids that occur in no document.
    """
    lengths = [len(document) for document in documents]
    counts = csr_matrix(
        (
            np.ones(sum(lengths)),
            np.concatenate(documents).astype(np.int32),
            np.cumsum([0, *lengths]),
        ),
        shape=(len(documents), token_count),
    )
    tf_idf = TfidfTransformer()
    weights = tf_idf.fit_transform(counts)
    rank = min(dimensions, len(documents), token_count)
    _, sizes, components = randomized_svd(weights, rank, random_state=0)
    # Where the singular value is 0, the direction is arbitrary.
    components[sizes < 1e-6 * sizes.max()] = 0
    components[:, np.bincount(counts.indices, minlength=token_count) == 0] = 0
    vectors = np.zeros((token_count, dimensions), np.float32)
    vectors[:, :rank] = (components * tf_idf.idf_).T
    return vectors
