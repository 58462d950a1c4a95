"""Texts of the catalogue in two languages, and reading the catalogue's files."""

import tomllib
from pathlib import Path
from typing import Any, Final, NamedTuple

_FOLDER: Final = Path(__file__).parent / "catalogue"


class Text(NamedTuple):
    """The same in English and in Canadian French."""

    en: str
    fr: str

    def said_in(self, language: str) -> str:
        """The text in "en" or "fr"."""
        return self.fr if language == "fr" else self.en


def text(pair: str) -> Text:
    """The text of a catalogue's entry, "English | French". ValueError when it is not a pair."""
    english, french = pair.split(" | ")
    return Text(english, french)


def texts(pairs: list[str]) -> tuple[Text, ...]:
    """Several entries."""
    return tuple(text(pair) for pair in pairs)


def read_catalogue(name: str) -> dict[str, Any]:
    """One file of the catalogue."""
    with (_FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
