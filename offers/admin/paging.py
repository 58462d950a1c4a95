"""Pages of lists that may hold a million rows: nothing is ever counted, and nobody leafs to the end."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Page, Paginator
from django.http import HttpRequest

# The database walks over every row before the page: further back, a search or a filter is the way.
MOST_ROWS: Final = 20_000


class OpenEndedPaginator(Paginator):  # type: ignore[type-arg]  # generic in the stubs only
    """Reads one page and one row more, and so knows whether another page follows.

    `count` is the number of rows up to there, not of all: exact on the last page, else one more than
    the pages so far hold.
    """

    open_ended = True

    def __init__(self, rows: Any, per_page: int, *, number: int = 1) -> None:
        """`number` is the page that will be asked for, from 1."""
        super().__init__(rows, per_page)
        self.number = min(max(number, 1), max(MOST_ROWS // per_page, 1))

    @cached_property
    def rows(self) -> list[Any]:
        """The rows of the page and, where there is one, the row that follows; not behind the last page."""
        start = (self.number - 1) * self.per_page
        following = int(start + self.per_page < MOST_ROWS)
        return list(self.object_list[start : start + self.per_page + following])

    @cached_property
    def count(self) -> int:
        """How many rows there are up to the one after this page."""
        return (self.number - 1) * self.per_page + len(self.rows)

    @property
    def more(self) -> bool:
        """Whether rows follow after this page, or may: nobody leafs beyond the last one."""
        return self.count > self.number * self.per_page or self.count >= MOST_ROWS

    def page(self, number: int | str) -> Page:  # type: ignore[type-arg]
        """The page. Raises InvalidPage for one that is empty, or further back than anybody leafs."""
        number = self.validate_number(number)
        if number == self.number:
            return Page(self.rows[: self.per_page], number, self)
        return super().page(number)


class OpenEndedChangeList(ChangeList):
    """A list whose only query for rows is the paginator's."""

    paginator: OpenEndedPaginator

    def get_results(self, request: HttpRequest) -> None:
        """Take the rows that the paginator has read already."""
        super().get_results(request)
        # Nothing is said beside the search about how many there are: nobody has counted.
        self.full_result_count = self.result_count
        self.result_list: Sequence[Any] = self.paginator.rows[: self.list_per_page]


def page_asked_for(request: HttpRequest) -> int:
    """The page's number in the address: `p` of a list, `page` of an autocomplete. 1 when it is none."""
    asked = request.GET.get("p") or request.GET.get("page") or "1"
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
