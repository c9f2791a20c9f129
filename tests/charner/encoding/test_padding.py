from charner.encoding.padding import pad


def test_pad():
    assert pad([[1, 2], [], [3]]).tolist() == [[1, 2], [0, 0], [3, 0]]
    assert pad([]).tolist() == pad([[]]).tolist() == [[0]]
