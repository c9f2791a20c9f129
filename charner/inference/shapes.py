"""The shapes of a model's weights: what a model folder must hold."""

from charner.encoding.characters import KINDS
from charner.encoding.vocabulary import UNK, Vocabulary
from charner.params import CharLstmSettings, CnnLstmCrfSettings, Section
from charner.tags.schemes import bioes_tags

Shapes = dict[str, tuple[int, ...]]


def weight_shapes(settings: Section, vocabulary: Vocabulary) -> Shapes:
    """The shape of each weight of an architecture, by name; see `TrainedModel`."""
    match settings:
        case CnnLstmCrfSettings():
            return _cnn_lstm_crf(settings, vocabulary)
        case CharLstmSettings():
            return _char_lstm(settings, vocabulary)
    raise TypeError(f"no shapes are known for {type(settings).__name__}")


def _cnn_lstm_crf(settings: CnnLstmCrfSettings, vocabulary: Vocabulary) -> Shapes:
    tags = len(bioes_tags(vocabulary.entity_types))
    tokens = UNK + 1 + len(vocabulary.tokens)
    shapes: Shapes = {
        "characters.embeddings": (len(vocabulary.characters), settings.embedding_dim),
        "character_kinds.embeddings": (1 + len(KINDS), settings.embedding_dim),
        "tokens.embeddings": (tokens, settings.token_dim),
        "crf.transitions": (tags, tags),
    }
    if settings.topic_dim:
        shapes["topics.embeddings"] = (tokens, settings.topic_dim)
    for width in settings.filter_widths:
        shapes[f"convolution_{width}.kernel"] = (width, settings.embedding_dim, settings.filters)
        shapes[f"convolution_{width}.bias"] = (settings.filters,)
    vectors = settings.filters * len(settings.filter_widths) + settings.token_dim
    if settings.character_lstm_units:
        units = settings.character_lstm_units
        shapes |= _lstm("character_lstm", settings.embedding_dim, units, ("forward", "backward"))
        vectors += 2 * units
    states = 2 * settings.lstm_units
    inputs = vectors + settings.topic_dim
    shapes |= _lstms(inputs, settings.lstm_units, settings.lstm_layers, True)
    of_states = states * (1 + settings.document_states)
    return shapes | {"scores.kernel": (of_states + vectors, tags), "scores.bias": (tags,)}


def _char_lstm(settings: CharLstmSettings, vocabulary: Vocabulary) -> Shapes:
    labels = len(vocabulary.labels)
    states = settings.lstm_units * (1 + settings.bidirectional)
    return {
        "embedding.embeddings": (len(vocabulary.characters), settings.embedding_dim),
        **_lstms(
            settings.embedding_dim,
            settings.lstm_units,
            settings.lstm_layers,
            settings.bidirectional,
        ),
        "labels.kernel": (states, labels),
        "labels.bias": (labels,),
    }


def _lstms(inputs: int, units: int, layers: int, bidirectional: bool) -> Shapes:
    """Layers `lstm_1` and so on; each reads the states of the one below."""
    directions = ("forward", "backward") if bidirectional else ("forward",)
    states = units * len(directions)
    shapes: Shapes = {}
    for number, size in enumerate([inputs, *[states] * (layers - 1)], start=1):
        shapes |= _lstm(f"lstm_{number}", size, units, directions)
    return shapes


def _lstm(name: str, inputs: int, units: int, directions: tuple[str, ...]) -> Shapes:
    return {
        f"{name}.{direction}_{kind}": shape
        for direction in directions
        for kind, shape in (
            ("kernel", (inputs, 4 * units)),
            ("recurrent", (units, 4 * units)),
            ("bias", (4 * units,)),
        )
    }
