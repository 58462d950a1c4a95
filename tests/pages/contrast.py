"""WCAG contrast of the color tokens of voc.css, read from the file itself."""

import re
from pathlib import Path

CSS = Path(__file__).resolve().parents[2] / "static" / "css" / "voc.css"
THEMES = ("light", "dark")
BANDS = ("ex", "go", "fa", "po", "vp")
TONES = (*BANDS, "ne")

_PAIR = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9A-Fa-f]{6}),\s*(#[0-9A-Fa-f]{6})\)")
_SAME = re.compile(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6});")
_ANY = re.compile(r"--([\w-]+):\s*light-dark\(([^;]+)\);")


def css() -> str:
    """The style sheet."""
    return CSS.read_text(encoding="utf-8")


def token_block() -> str:
    """The declarations of the tokens: what stands before the fallback."""
    return css().split("@supports not (color: light-dark", 1)[0]


def fallback_block() -> str:
    """The values for browsers without light-dark()."""
    after = css().split("@supports not (color: light-dark", 1)[1]
    return after.split("/* ---------- 2.", 1)[0]


def tokens() -> dict[str, tuple[str, str]]:
    """Name of each color token and its (light, dark) values."""
    found = {name: (value, value) for name, value in _SAME.findall(token_block())}
    return found | {name: (light, dark) for name, light, dark in _PAIR.findall(token_block())}


def two_sided() -> dict[str, str]:
    """Every token that light-dark() declares, with its light value as written, colors with alpha too."""
    sides = {}
    for name, arguments in _ANY.findall(token_block()):
        light = re.match(r"(#[0-9A-Fa-f]{6}|rgb\([^)]*\))", arguments)
        assert light, f"--{name} begins with something that is no color: {arguments}"
        sides[name] = light.group(1)
    return sides


def ratio(first: str, second: str) -> float:
    """The WCAG contrast ratio of two colors written as #RRGGBB."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = [_linear(int(color[i : i + 2], 16) / 255) for i in (1, 3, 5)]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


# What color vision deficiencies make of linear RGB (Machado 2009, severity 1).
DEFICIENCIES = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def oklab(color: str, deficiency: str) -> tuple[float, float, float]:
    """A color in OKLab, as seen with a color vision deficiency."""
    linear = [_linear(int(color[i : i + 2], 16) / 255) for i in (1, 3, 5)]
    red, green, blue = (
        sum(weight * channel for weight, channel in zip(row, linear, strict=True))
        for row in DEFICIENCIES[deficiency]
    )
    cones = (
        0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue,
        0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue,
        0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue,
    )
    long, medium, short = (max(0.0, cone) ** (1 / 3) for cone in cones)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )
