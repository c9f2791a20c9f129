import re


def test_what_is_told(fresh_project):
    for stage in ("download", "char_encode"):
        fresh_project.stage(stage)
    fresh_project.set_params({"train": {"epochs": 2, "batch_size": 16, "min_steps": 30}})
    told = fresh_project.stage("train").stdout
    assert "train: 260 sentences, 25 documents; valid: 64 sentences, 7 documents\n" in told
    assert re.search(r"^entities in train: LOC [1-9]\d+, MISC [1-9]", told, re.MULTILINE)
    assert re.search(r"^types with fewer than 20 entities in train: ", told, re.MULTILINE)
    assert re.search(r"^entities of valid that are not in train: \d+ of \d+ ", told, re.MULTILINE)
    steps = re.search(
        r"^steps: (\d+) in 2 epochs; an epoch reads train (\d) times, in (\d+) batches of about 8",
        told,
        re.MULTILINE,
    )
    assert steps
    total, times, batches = map(int, steps.groups())
    assert times > 1
    assert batches >= 30
    assert total == 2 * batches
    first, rest, second = (
        told.index(line) for line in ("epoch 1: ", "the other epochs take about ", "epoch 2: ")
    )
    assert first < rest < second
