"""The states of an offer and the moves between them. Pure: no Django, no database, no clock.

This table is the only place that says which move leads where. `offers.actions.move` is the only
writer of the status field, and it refuses whatever is not in the table.
"""

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Whether customers can buy the offer. CX health is a separate fact."""

    LIVE = "LIVE"
    CLOSED = "CLOSED"
    LISTING_DELETED = "LISTING_DELETED"


class Move(StrEnum):
    """What happened to an offer. CLOSE and CLOSE_BY_HAND differ in who decided, not in effect."""

    CLOSE = "close"
    CLOSE_BY_HAND = "close_by_hand"
    RELIST = "relist"
    LIFT = "lift"
    DELETE = "delete"


MOVES: Final[dict[Move, tuple[frozenset[Status], Status]]] = {
    Move.CLOSE: (frozenset({Status.LIVE}), Status.CLOSED),
    Move.CLOSE_BY_HAND: (frozenset({Status.LIVE}), Status.CLOSED),
    Move.RELIST: (frozenset({Status.CLOSED}), Status.LIVE),
    # An operator says that the closure was an error: back to LIVE, but not a relist (PRODUCT D10).
    Move.LIFT: (frozenset({Status.CLOSED}), Status.LIVE),
    Move.DELETE: (frozenset({Status.LIVE, Status.CLOSED}), Status.LISTING_DELETED),
}

CLOSING_MOVES: Final = frozenset({Move.CLOSE, Move.CLOSE_BY_HAND})
OPENING_MOVES: Final = frozenset({Move.RELIST, Move.LIFT})


def sources(move: Move) -> frozenset[Status]:
    """The states from which `move` is allowed."""
    return MOVES[move][0]


def target(move: Move) -> Status:
    """The state to which `move` leads."""
    return MOVES[move][1]


def allowed(move: Move, status: Status) -> bool:
    """Whether an offer in `status` may make `move`."""
    return status in sources(move)
