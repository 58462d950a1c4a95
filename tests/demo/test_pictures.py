"""Pictures of products: our own drawings, allowed hosts, placeholders."""

import re

import pytest
from django.test import override_settings

from vocdash.pages.drawings import BOX, DRAWINGS
from vocdash.pages.pictures import TINTS, drawing_of_category, picture_for

PATH = re.compile(r"^[MLHVCSQTAZmlhvcsqtaz0-9 .,-]+$")


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_drawing_is_path_data_inside_its_field(name: str) -> None:
    drawing = DRAWINGS[name]
    assert PATH.match(drawing.body)
    assert drawing.body.rstrip().endswith("z"), "what is tinted must be closed"
    assert not drawing.details or PATH.match(drawing.details)


def test_g1_there_are_more_than_forty_shapes() -> None:
    assert len(DRAWINGS) > 40


def test_our_own_drawing_is_inline_and_tinted() -> None:
    markup = picture_for("demo:kettle/slate")
    assert markup.startswith('<svg class="thumb" viewBox="0 0 25 25" aria-hidden="true">')
    assert DRAWINGS["kettle"].body in markup
    assert f'fill="{TINTS["slate"]}"' in markup
    assert "style" not in markup, "the content security policy allows no inline styles"


def test_a_name_that_nobody_drew_is_a_box_without_a_tint() -> None:
    markup = picture_for('demo:"><script>/puce')
    assert BOX.body in markup
    assert "script" not in markup
    assert "fill=" not in markup


def test_a_picture_from_elsewhere_is_shown_only_when_its_host_is_allowed() -> None:
    address = 'https://pictures.example.org/k.jpg?a="b'
    with override_settings(IMAGE_HOSTS=[]):
        assert "<img" not in picture_for(address)
    with override_settings(IMAGE_HOSTS=["pictures.example.org"]):
        assert 'src="https://pictures.example.org/k.jpg?a=&quot;b"' in picture_for(address)
        assert "<img" not in picture_for("http://pictures.example.org/k.jpg")
        assert "<img" not in picture_for("https://pictures.example.org.evil.example/k.jpg")


@pytest.mark.parametrize(
    ("category", "drawing"),
    [
        ("Home & Kitchen > Kitchen > Kettles & Coffee", "kettle"),
        ("Electronics > Audio", "speaker"),
        ("small_appliances", "kettle"),
        ("agro_industry_and_commerce", ""),
        ("furniture_decor", "shelf"),
        ("", ""),
    ],
)
def test_without_a_picture_the_category_is_drawn(category: str, drawing: str) -> None:
    assert drawing_of_category(category) == drawing
    assert (DRAWINGS[drawing] if drawing else BOX).body in picture_for("", category)
