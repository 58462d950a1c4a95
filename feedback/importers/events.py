"""The columns of the feedback file: checked, understood, and summed up in one digest per row."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from feedback.masking import clean_comment
from feedback.models import Channel
from feedback.selectors import EventNote
from offers.importers.checking import Rows
from offers.importers.columns import Column, Columns, Objects, objects
from offers.importers.dates import read_moments
from offers.importers.known import Context
from offers.importers.reading import Kind

KIND: Final = Kind(
    name="feedback",
    required=("marketplace", "seller", "order_id", "channel", "occurred_at"),
    optional=("event_id", "sku", "reason", "stars", "comment"),
    key=("seller", "channel", "event_id", "order_id", "sku", "reason", "occurred_at"),
)
_CHANNELS: Final = {value: value for value in Channel.values}
_DERIVED_FROM: Final = ("order_id", "sku", "channel", "reason", "occurred_at")


@dataclass(frozen=True)
class Events:
    """The columns of checked rows. `at` is None where the file gives a date only."""

    seller: Objects
    channel: Objects
    event_id: Objects
    order_id: Objects
    sku: Objects
    reason: Objects
    stars: Objects
    on: Objects
    at: Objects
    comment: Objects
    notes: Objects
    digest: Objects


def check(rows: Rows, context: Context) -> Events:
    """Check every column, refuse what is wrong; mask and cut comments."""
    rows.only_marketplace(context.marketplace.code)
    rows.required(
        {
            "seller": "give the seller's code",
            "order_id": "give the number of the order that the feedback is about",
            "channel": f"give one of {', '.join(Channel.values)}",
            "occurred_at": "give the date of the feedback",
        }
    )
    rows.at_most({"seller": 64, "event_id": 200, "order_id": 100, "sku": 200, "reason": 200})
    channel = rows.choices("channel", _CHANNELS, f"give one of {', '.join(Channel.values)}")
    moments = read_moments(rows, "occurred_at", context.zone, context.today)
    stars, notes = _stars(rows, channel)
    given = {name: rows.texts(name) for name in KIND.key} | {"channel": channel}
    comment = _comments(rows.column("comment"), notes)
    said = (given["order_id"], given["sku"], given["reason"], stars, moments.on, moments.at, comment)
    return Events(
        seller=given["seller"],
        channel=channel,
        event_id=_event_ids(given),
        order_id=given["order_id"],
        sku=given["sku"],
        reason=given["reason"],
        stars=stars,
        on=moments.dates,
        at=moments.moments,
        comment=comment,
        notes=notes,
        digest=_digests(said),
    )


def _stars(rows: Rows, channel: Objects) -> tuple[Objects, Objects]:
    """The stars of reviews, and the notes so far: other channels' stars are ignored."""
    is_review = channel == Channel.REVIEW.value
    given = rows.texts("stars") != ""
    rows.refuse(is_review & ~given, "stars", "a review needs stars from 1 to 5")
    stars = rows.wholes("stars", 1, 5, only=is_review)
    notes = np.empty(len(rows), dtype=object)
    notes[:] = [[EventNote.STARS_IGNORED.value] if ignored else [] for ignored in given & ~is_review]
    return stars, notes


def _comments(given: Column, notes: Objects) -> Objects:
    """The comments as they are stored, and a note where one was cut. What many say alike is cleaned once."""
    cleaned = [clean_comment(text) for text in given.distinct]
    cut = np.array([one.cut for one in cleaned], dtype=np.bool_)[given.codes]
    for row in np.flatnonzero(cut).tolist():
        notes[row].append(EventNote.COMMENT_CUT.value)
    return objects([one.text for one in cleaned])[given.codes]


def keys_of(columns: Columns) -> Sequence[Column]:
    """Seller, channel and event id, given or derived, of unchecked rows."""
    blank = Column.blank(len(columns["seller"]))
    channel = columns["channel"].changed(str.lower)
    event_id = columns.get("event_id", blank)
    if "" in event_id.distinct:
        given = {name: columns.get(name, blank).texts for name in KIND.key}
        event_id = Column.of(_event_ids({**given, "channel": channel.texts}))
    return columns["seller"], channel, event_id


def _event_ids(given: Mapping[str, Objects]) -> Objects:
    """The events' ids; an empty one is derived from what the row says, except stars and comment."""
    made = given["event_id"].copy()
    for row in np.flatnonzero(made == "").tolist():
        made[row] = f"derived:{_digest(given[name][row] or '' for name in _DERIVED_FROM)}"
    return made


def _digests(columns: Iterable[Any]) -> Objects:
    """One digest per row of what it says."""
    rows = [
        _digest("" if cell is None else str(cell) for cell in cells) for cells in zip(*columns, strict=True)
    ]
    made = np.empty(len(rows), dtype=object)
    made[:] = rows
    return made


def _digest(texts: Iterable[str]) -> str:
    return hashlib.blake2b("\x1f".join(texts).encode(), digest_size=16).hexdigest()
