"""The funnel plot and the small multiples of the insights page, as drawings."""

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from vocdash.pages.charts import (
    FunnelLimits,
    FunnelWords,
    Mark,
    Spot,
    frame_of,
    funnel,
    gather,
    shape,
    small_area,
    steps,
)
from vocdash.pages.charts.funnel import SHAPES
from vocdash.pages.formats import ENGLISH

NASTY = "<script>&\"'"


def drawn(spots: list[Spot], labels: dict[int, str] | None = None, title: str = "Title") -> str:
    frame = frame_of(spots, 0.04)
    marks = [
        Mark(spot, f"/voc/offers/{spot.offer}/", f"{title} {place}", (labels or {}).get(place, ""))
        for place, spot in enumerate(spots)
    ]
    wide = FunnelLimits([(orders, 0.0, 0.2) for orders in steps(frame)])
    return funnel(
        marks,
        [wide, wide],
        0.04,
        frame,
        words=FunnelWords(title, "The finding.", "Orders"),
        percent=ENGLISH.percent,
        count=ENGLISH.count,
        uid="f",
    )


SPOTS = [Spot(250, 0.124, "vp", 1, 1), Spot(40, 0.0, "go", 1, 2), Spot(12, 0.25, "ne", 3, 3)]


def test_the_plot_is_an_image_with_a_name_and_its_finding_and_its_marks_lie_outside_of_it() -> None:
    picture = ET.fromstring(drawn(SPOTS))
    (image,) = picture.findall("g[@role='img']")
    assert [image.findtext(tag) for tag in ("title", "desc")] == ["Title", "The finding."]
    assert image.attrib["aria-labelledby"] == "f-t f-d"
    assert not list(image.iter("a"))


def test_every_mark_is_a_link_for_those_who_point_and_no_stop_of_the_keyboard() -> None:
    links = list(ET.fromstring(drawn(SPOTS)).iter("a"))
    assert {link.attrib["href"] for link in links} == {f"/voc/offers/{n}/" for n in (1, 2, 3)}
    assert {link.attrib["tabindex"] for link in links} == {"-1"}
    assert all(link.findtext("title") for link in links)


def test_the_worst_come_first_and_are_drawn_on_top() -> None:
    assert re.findall(r"/voc/offers/(\d)/", drawn(SPOTS)) == ["3", "2", "1"]


def test_marks_differ_in_shape_and_the_legend_shows_the_same_shapes() -> None:
    forms = [re.sub(r'class="[^"]*"', "", form) for form in SHAPES.values()]
    assert len(set(forms)) == len(SHAPES) == 6
    assert all(form in shape(tone) for tone, form in SHAPES.items())


def test_words_are_escaped_and_numbers_are_numbers() -> None:
    markup = drawn(SPOTS, {0: NASTY}, title=NASTY)
    assert "<script>" not in markup
    assert "style=" not in markup
    assert not re.search(r"nan|inf\b", markup)


def test_rates_above_the_scale_lie_on_its_upper_edge() -> None:
    spots = [Spot(3, 1.0, "ne", 1, 1), Spot(200, 0.05, "fa", 1, 2)]
    assert frame_of(spots, 0.04).top < 1
    assert "translate(44.0 14.0)" in drawn(spots)


def test_axis_holds_the_fewest_and_the_most_orders() -> None:
    frame = frame_of([Spot(7, 0.0, "fa", 1, 1), Spot(1200, 0.0, "fa", 1, 2)], 0.04)
    assert (frame.fewest, frame.most) == (3, 3000)
    assert steps(frame)[0] == 3
    assert steps(frame)[-1] == 3000
    alone = frame_of([Spot(1, 1.0, "ne", 1, 1)], 0.04)
    assert (alone.fewest, alone.most) == (1, 3)


def test_few_offers_keep_a_mark_each_and_many_are_gathered_without_losing_one() -> None:
    spots = [
        Spot(1 + n % 997, (n * 37 % 100) / 1000, ("fa", "go", "ex", "ne", "po")[n % 5], 1, n)
        for n in range(20_000)
    ]
    frame = frame_of(spots, 0.04)
    assert gather(spots[:220], frame, 220) == spots[:220]
    few = gather(spots, frame, 220)
    assert len(few) <= 220
    assert sum(spot.offers for spot in few) == 20_000
    for tone in ("fa", "po"):
        assert sum(spot.offers for spot in few if spot.tone == tone) == 4_000
    assert all(frame.fewest <= spot.orders <= frame.most for spot in few)


def test_labels_never_cover_one_another_or_a_mark() -> None:
    spots = [Spot(100 + n, 0.2 + n / 1000, "vp", 1, n) for n in range(6)]
    markup = drawn(spots, dict.fromkeys(range(6), "A long title here"))
    boxes = []
    for x, y, anchor in re.findall(
        r'<text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)" class="sm k"', markup
    ):
        width = len("A long title here") * 6.2
        left = float(x) - (width if anchor == "end" else 0)
        boxes.append((left, float(y) - 10, left + width, float(y) + 2))
    assert boxes
    for one, other in combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_small_multiples_share_one_scale() -> None:
    low, high = (small_area([1, n], 20, title="T", description="D", uid="s") for n in (2, 20))
    ys = [float(re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', markup)[0]) for markup in (low, high)]
    assert ys == [pytest.approx(60 - 2 * 52 / 20, abs=0.05), 8.0]
    assert ET.fromstring(high).attrib["role"] == "img"
    assert small_area([], 20, title="T", description="D", uid="s") == ""
    assert "nan" not in small_area([0, 0], 0, title="T", description="D", uid="s")
