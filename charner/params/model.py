"""The section `model` of params.yaml: the chosen architecture, and the settings of each."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from charner.params import Count, NonNegative, Rate, Section

Layers = Annotated[int, Field(ge=1, le=100)]


class CharLstmSettings(Section):
    """The settings of `char_lstm`; params.yaml explains the keys."""

    embedding_dim: Count
    lstm_units: Count
    lstm_layers: Layers
    bidirectional: bool
    dropout: Rate
    character_dropout: Rate


class CnnLstmCrfSettings(Section):
    """The settings of `cnn_lstm_crf`; params.yaml explains the keys."""

    embedding_dim: Count
    filter_widths: list[Count]
    filters: Count
    character_lstm_units: Annotated[int, Field(ge=0)]
    token_dim: Count
    lstm_units: Count
    lstm_layers: Layers
    dropout: Rate
    character_dropout: Rate
    token_dropout_alpha: NonNegative
    max_token_length: Count
    window: Annotated[int, Field(ge=3)]
    document_tokens: Count
    document_states: bool
    topic_dim: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _widths_differ(self) -> "CnnLstmCrfSettings":
        if len(set(self.filter_widths)) < len(self.filter_widths):
            raise ValueError("filter_widths should differ")
        return self

    @model_validator(mode="after")
    def _characters_are_read(self) -> "CnnLstmCrfSettings":
        if not self.filter_widths and not self.character_lstm_units:
            raise ValueError(
                "characters are not read: filter_widths is empty, and character_lstm_units is 0"
            )
        return self


SETTINGS: dict[str, type[Section]] = {
    "char_lstm": CharLstmSettings,
    "cnn_lstm_crf": CnnLstmCrfSettings,
}


class Model(Section):
    """The section `model`; params.yaml explains the keys."""

    architecture: Literal["char_lstm", "cnn_lstm_crf"]
    char_lstm: CharLstmSettings
    cnn_lstm_crf: CnnLstmCrfSettings

    @property
    def chosen(self) -> Section:
        """The settings of the chosen architecture."""
        return getattr(self, self.architecture)
