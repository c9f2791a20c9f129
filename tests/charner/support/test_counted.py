from charner.support import counted


def test_only_one_is_singular():
    assert counted(0, "token") == "0 tokens"
    assert counted(1, "token") == "1 token"
    assert counted(1_234_567, "token") == "1,234,567 tokens"
