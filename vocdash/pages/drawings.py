"""Our own line drawings of products, on a field of 25 by 25. Pure data: the markup is made in pictures.py.

Each has the outline of its body, which may be tinted, and the lines inside or around it, which are not.
"""

from typing import Final, NamedTuple


class Drawing(NamedTuple):
    """Path data of the body and of the details; details may be empty."""

    body: str
    details: str = ""


DRAWINGS: Final[dict[str, Drawing]] = {
    # Kitchen
    "kettle": Drawing("M8 8h9l1.5 12h-12z", "M10 8c0-3 6-3 6 0M18 10c3 0 3 6 .6 6M7.4 12 4 8.5"),
    "pan": Drawing("M3 12.5a6.5 6.5 0 1 0 13 0 6.5 6.5 0 1 0-13 0z", "M16 12.5h7M6.2 11a3.6 3.6 0 0 1 2-2"),
    "saucepan": Drawing(
        "M4 10h12v7a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3z",
        "M16 12.5h7M3 10h14M8 7c0-1.5 1-1.5 1-3M12 7c0-1.5 1-1.5 1-3",
    ),
    "spatula": Drawing("M9 3h7v8H9z", "M12.5 11v11M11 5.5v3M14 5.5v3"),
    "knife": Drawing("M3 9h12v6.5C9 15.5 5 13 3 9z", "M15 9h7v3.5h-7M18 10.7v.1M20 10.7v.1"),
    "cone": Drawing("M6 6h13l-4 8h-5z", "M10 14v4h5v-4M7 21h11M19 7.5c2.5 0 2.5 3-1 3"),
    "press": Drawing("M7 8h9v13H7z", "M16 11c4 0 4 6 0 6M11.5 8V3M9.5 3h4M7 13h9M5.5 8h12"),
    "mug": Drawing("M5 8h11v9a3 3 0 0 1-3 3H8a3 3 0 0 1-3-3z", "M16 10c5-1 5 6 0 6"),
    "jar": Drawing("M7 9h11v10a2 2 0 0 1-2 2H9a2 2 0 0 1-2-2z", "M8 9V5h9v4M7 13h11M8 5h9"),
    "container": Drawing("M4 11h17l-1.5 9h-14z", "M3 8h19v3H3zM8 8V6.5h9V8"),
    "drawer": Drawing("M3 7h19v12H3z", "M9.5 7v12M15.5 7v12M15.5 13H22"),
    "board": Drawing("M5 6h13a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5z", "M17 9v3M5 6v14M8 16.5h6"),
    "bowl": Drawing("M3 11h19c0 6-4 9-9.5 9S3 17 3 11z", "M9 20.5h7M3 11h19"),
    # Home
    "sheet": Drawing(
        "M3 13c5-2 14-2 19 0v6H3z", "M3 22v-3M22 22v-3M4.5 12.4V6h16v6.4M7 11.6V9.5h4v1.8M14 11.3V9.5h4v2.1"
    ),
    "pillow": Drawing(
        "M4 8c5-1.5 12-1.5 17 0-1 3-1 6 0 9-5 1.5-12 1.5-17 0 1-3 1-6 0-9z", "M8 11c3-.8 6-.8 9 0"
    ),
    "towel": Drawing(
        "M6 4h10a3 3 0 0 1 3 3v14H9V7a3 3 0 0 0-3-3z", "M6 4a3 3 0 0 0-3 3v10h6M9 16.5h10M9 18.5h10"
    ),
    "blanket": Drawing(
        "M4 6h17v11H4z", "M4 10h17M9 6v11M16 6v11M5 17v3M8 17v3M11 17v3M14 17v3M17 17v3M20 17v3"
    ),
    "curtain": Drawing("M5 4h15v17h-4c0-7-3-10-3.5-17C12 11 9 14 9 21H5z", "M3 4h19M7 8v13M18 8v13"),
    "lamp": Drawing("M13 4l6 5-3 2-5-4z", "M7 21h10M12 21l-4-9 5-5M8 12v.1"),
    "vase": Drawing(
        "M9 11h7c3 3 3 8-.5 11h-6C6 19 6 14 9 11z",
        "M10 11V8.5h5V11M12.5 8.5V3M12.5 5c2.5 0 3-1 3-2M12.5 6.5c-2.5 0-3-1-3-2",
    ),
    "candle": Drawing("M8 11h9v11H8z", "M12.5 11V8.5M12.5 8.5c-2-2 0-3.5 0-5.5 1.5 2 2 3.5 0 5.5M8 15h9"),
    "frame": Drawing("M4 4h17v17H4z", "M7.5 7.5h10v10h-10zM8 16.5l3.5-4 2.5 2.5 1.5-1.5 2 2.5"),
    "clock": Drawing("M3.5 12.5a9 9 0 1 0 18 0 9 9 0 1 0-18 0z", "M12.5 7v5.5l4 2.5"),
    "basket": Drawing("M4 11h17l-2 10H6z", "M7 11c0-8 11-8 11 0M9 14v4M12.5 14v4M16 14v4"),
    "shelf": Drawing("M3 7h19v3H3zM3 15h19v3H3z", "M5 10v5M20 10v5M5 18v3M20 18v3M8 7V4h3v3"),
    # Garden
    "pot": Drawing(
        "M7 12h11l-1.5 9h-8z", "M12.5 12c0-5-4-5-5-7 4-1 5 3 5 7zM12.5 10c0-3 3-5 5-4.5-.5 3-2 4.5-5 4.5"
    ),
    "watering": Drawing("M8 10h9v11H8z", "M8 17 3 9M2 10.5 4 8M10 10c0-7 12-6 7 4"),
    "trowel": Drawing("M12.5 22c-4-4-4-7-3-10h6c1 3 1 6-3 10z", "M12.5 12V8M11 3h3v5h-3z"),
    # Outdoors
    "bottle": Drawing("M10 7h5l2 3v12H8V10z", "M10.5 3h4v4M10.5 3v4M8 13h9M8 18h9"),
    "mat": Drawing(
        "M3 16a4 4 0 0 1 4-4h15v8H7a4 4 0 0 1-4-4z",
        "M7 14.7a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 1 0 0-2.6zM11 12v8",
    ),
    "tent": Drawing("M12.5 5 23 20H2z", "M12.5 5v15M12.5 10l5 10M11 3.5l1.5 1.5L14 3.5"),
    "lantern": Drawing("M8 9h9v10H8z", "M7 19h11v3H7zM9 9V6h7v3M10 6c0-4 5-4 5 0M12.5 12v4"),
    "backpack": Drawing(
        "M6 10a6.5 6.5 0 0 1 13 0v11H6z", "M10 5V3h5v2M9 14h7v7M9 14v7M9 17h7M6 14H4v5h2M19 14h2v5h-2"
    ),
    "dumbbell": Drawing("M6 8h3v9H6zM16 8h3v9h-3z", "M9 12.5h7M4 10v5M21 10v5"),
    # Clothing
    "jacket": Drawing("m9 4-5 3v6h3v9h11v-9h3V7l-5-3-3.5 3z", "M12.5 7v15M9 16h1.5M14.5 16H16"),
    "shirt": Drawing("M9 4 3 7l2 5 2-1v11h11V11l2 1 2-5-6-3c-1 3-6 3-7 0z", "M9 4c1 3 6 3 7 0"),
    "dress": Drawing("M9 3h1.5c.5 2 3.5 2 4 0H16l1 4-2 4 5 11H5l5-11-2-4z", "M10 11h5"),
    "sweater": Drawing(
        "M9 4 4 7 2.5 18h4L7 14v8h11v-8l.5 4h4L21 7l-5-3c-1 2.5-6 2.5-7 0z", "M7 19.5h11M9 4c1 2.5 6 2.5 7 0"
    ),
    "trousers": Drawing("M7 3h11l1.5 19h-5l-2-12-2 12h-5z", "M7 6h11M12.5 6v4"),
    "boot": Drawing("M8 3h7v10l5 3c1.5 1 1.5 3 1.5 5H8z", "M8 6h7M8 18.5h13"),
    "sneaker": Drawing(
        "M3 17V9c2 2 4 1 5-1l7 6c3 0 6 1 7 4v1H3z", "M3 19v2h19v-2M10 9.5l-1.5 2M12 11.2l-1.5 2M14 13l-1.5 2"
    ),
    "socks": Drawing("M10 3h6v10c0 3-5 8-8 8-4 0-4-4-1-5l3-2z", "M10 6h6M16 5h4v9c0 3-3 6-6 7"),
    "cap": Drawing(
        "M4 15a8 8 0 0 1 16 0z", "M20 15c2 0 3 1.5 3 3H11c0-2 1-3 2-3M12 7V5.5M8 8.5C7 10 6.5 12 6.5 15"
    ),
    "gloves": Drawing(
        "M8 22V13L4 10c-1-2 1-3 2.5-2L8 9V4.5c0-2 3-2 3 0V4c0-2 3-2 3 0v1c0-2 3-2 3 0v8c0 3-1 4-1 9z",
        "M8 19h8M11 5v6M14 5v6",
    ),
    # Electronics
    "earbuds": Drawing(
        "M5 5a4 4 0 0 1 6 3.5V19H8.5v-7C6 12 4 9 5 5zM20 5a4 4 0 0 0-6 3.5V19h2.5v-7c2.5 0 4.5-3 3.5-7z",
        "M8.5 16H11M14 16h2.5",
    ),
    "headphones": Drawing(
        "M4 14h4v7H6a2 2 0 0 1-2-2zM21 14h-4v7h2a2 2 0 0 0 2-2z", "M4 14v-2a8.5 8.5 0 0 1 17 0v2"
    ),
    "speaker": Drawing(
        "M7 3h11v19H7z",
        "M12.5 11.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 1 0 0-7zM12.5 5.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 1 0 0-3z",
    ),
    "charger": Drawing("M6 8h13v12H6z", "M10 8V3M15 8V3M13 11l-2.5 3.5h4L12 18"),
    "cable": Drawing("M3 4h5v6H3zM17 15h5v6h-5z", "M5.5 10v5a4 4 0 0 0 4 4c6 0 1-13 6-13a4 4 0 0 1 4 4v5"),
    "powerbank": Drawing("M6 3h13v19H6z", "M10 6h5M13.5 10l-3 4.5h4l-3 4.5"),
    "mouse": Drawing("M7 10a5.5 5.5 0 0 1 11 0v6a5.5 5.5 0 0 1-11 0z", "M12.5 4.5V11M7 11h11"),
    "keyboard": Drawing(
        "M2 8h21v10H2z", "M5 11h.1M8 11h.1M11 11h.1M14 11h.1M17 11h.1M20 11h.1M5 13h.1M20 13h.1M8 15.5h9"
    ),
    "plug": Drawing("M6 8h13v5a6.5 6.5 0 0 1-13 0z", "M9.5 8V3M15.5 8V3M12.5 19.5V23"),
    "bulb": Drawing(
        "M9 17c0-3-3-4-3-8a6.5 6.5 0 0 1 13 0c0 4-3 5-3 8z", "M9.5 19.5h6M10.5 22h4M10.5 10l2 2 2-2"
    ),
    "hub": Drawing("M3 10h15v6H3z", "M18 13h2.5c2 0 2-3 2-5M6 13h2M10 13h2M14 13h1"),
    # Pets, toys, office, tools, care
    "leash": Drawing("M14 5.5h6v5h-6z", "M5 20c8 0 2-12 9-12M5 20a1.5 1.5 0 1 0 .1 0M20 8h3"),
    "petbed": Drawing("M2.5 14c0-5 20-5 20 0v3c0 5-20 5-20 0z", "M6 14.5c0-2.5 13-2.5 13 0s-13 2.5-13 0z"),
    "collar": Drawing(
        "M12.5 3.5a7.5 7 0 1 0 0 14 7.5 7 0 1 0 0-14zM12.5 6a5 4.5 0 1 1 0 9 5 4.5 0 1 1 0-9z",
        "M12.5 17.5a2 2 0 1 0 .1 0",
    ),
    "blocks": Drawing("M3 13h9v9H3zM13 13h9v9h-9zM8 3h9v9H8z", "M6 18h3M16 18h3M11 8h3"),
    "plush": Drawing(
        "M6.5 13a6 6 0 1 1 12 0c2 3 1 9-6 9s-8-6-6-9z",
        "M7.5 8.5C4 8.5 4 4 8 4.5l1.5 2M17.5 8.5c3.5 0 3.5-4.5-.5-4l-1.5 2M10.5 11v.1M14.5 11v.1"
        "M11 14c1 1 2 1 3 0",
    ),
    "puzzle": Drawing("M4 8h5c-2-4 5-4 3 0h5v5c4-2 4 5 0 3v5H4z", "M8 13h4"),
    "notebook": Drawing("M6 3h13v19H6z", "M9 3v19M4.5 7h3M4.5 12.5h3M4.5 18h3M12 8h4.5M12 11h4.5"),
    "pen": Drawing("M17 3l5 5L9 21l-6 1 1-6z", "M14.5 5.5l5 5M4 16l5 5"),
    "screwdriver": Drawing("M15 3h5l2 2v3l-5 5-5-5z", "M13.5 11.5 4 21M3 22l2-2"),
    "drill": Drawing("M3 6h13v7H3z", "M16 8h3v3h-3M19 9.5h4M6 13l1 8h5l-1.5-8M12 13c0 2-.5 3-1.5 3"),
    "tape": Drawing("M4 5h12a4 4 0 0 1 4 4v10H4z", "M12 9a3 3 0 1 0 0 6 3 3 0 1 0 0-6zM20 19h3v3"),
    "serum": Drawing("M8 11h9v11H8z", "M10.5 11V8h4v3M12.5 8c-2-1-2-5 0-5s2 4 0 5M8 15h9M8 19h9"),
    "dryer": Drawing(
        "M3 5h11a5 5 0 0 1 0 10H3z", "M12 15l1.5 7h3L16 14M3 8H1.5M3 12H1.5M14 8a2 2 0 1 0 .1 0"
    ),
    "brush": Drawing("M9 3h7v11H9z", "M12.5 14v8M11 5.5v6M14 5.5v6"),
}

BOX: Final = Drawing("M4 8l8.5-4L21 8v9l-8.5 4L4 17z", "M4 8l8.5 4L21 8M12.5 12v9")
