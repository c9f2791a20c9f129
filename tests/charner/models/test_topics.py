import numpy as np

from charner.models.topics import topic_vectors


def test_documents_on_one_subject_point_the_same_way():
    sport, politics = [2, 3, 4, 5], [6, 7, 8, 9]
    documents = [sport[:3], sport[1:], sport[:2], politics[:3], politics[1:], politics[2:]]
    vectors = topic_vectors(documents, 10, 2)
    assert vectors.shape == (10, 2)

    def cosine(one: list[int], other: list[int]) -> float:
        a, b = vectors[one].sum(axis=0), vectors[other].sum(axis=0)
        return a @ b / np.linalg.norm(a) / np.linalg.norm(b)

    assert cosine([2, 3], [4, 5]) > 0.9  # no token in common
    assert cosine([6, 7], [8, 9]) > 0.9
    assert abs(cosine([2, 3], [6, 7])) < 0.1


def test_more_dimensions_than_documents_are_zeros():
    vectors = topic_vectors([[2, 3], [3, 4]], 5, 4)
    assert vectors[:, :2].any()
    assert not vectors[:, 2:].any()
