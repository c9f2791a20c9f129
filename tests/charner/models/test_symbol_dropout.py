import numpy as np

from charner.encoding.vocabulary import UNK
from charner.models.symbol_dropout import SymbolDropout, rates_by_count


def test_symbol_dropout_hides_rare_symbols_more_often():
    ids = np.tile(np.array([0, 2, 3]), (10_000, 1))
    layer = SymbolDropout(rates_by_count(0.5, np.array([np.inf, np.inf, 1, 4.5])))
    hidden = np.array(layer(ids, training=True)) == UNK
    np.testing.assert_allclose(hidden.mean(axis=0), [0, 0.5 / 1.5, 0.1], atol=0.02)
    assert (np.array(layer(ids, training=False)) == ids).all()
    hidden = np.array(SymbolDropout(0.2)(ids, training=True)) == UNK
    np.testing.assert_allclose(hidden.mean(axis=0), [0, 0.2, 0.2], atol=0.02)
