"""The colours and measures that every widget paints with, in a dark and a light edition."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Tokens:
    """One theme. Colours are "#rrggbb"; text reaches 4.5:1 and marks 3:1 on the surfaces they stand on."""

    dark: bool
    background: str
    """The canvas."""
    panel: str
    """Docks, nodes, plots."""
    raised: str
    """Inputs and cards on a panel."""
    hover: str
    line: str
    grid: str
    """The dots of the canvas."""
    text: str
    dim: str
    """Captions."""
    faint: str
    """Headings of lists, placeholders."""
    wire: str
    accent: str
    on_accent: str
    accent_soft: str
    """The accent as a surface: selected rows, glows."""
    ok: str
    ok_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    validation: str
    """The second curve of a plot, beside the accent."""
    families: Mapping[str, str] = field(default_factory=dict)
    """Colour by family of layers."""

    def family(self, name: str) -> str:
        """The colour of a family of layers; an unknown family looks like an operation."""
        return self.families.get(name, self.families["operation"])


DARK = Tokens(
    dark=True,
    background="#15171c",
    panel="#1c1f26",
    raised="#242832",
    hover="#2a2f3a",
    line="#2e333f",
    grid="#292d37",
    text="#e6e8ee",
    dim="#9aa1b1",
    faint="#858da0",
    wire="#7b8398",
    accent="#5b9cff",
    on_accent="#0b1220",
    accent_soft="#22324d",
    ok="#4cc38a",
    ok_soft="#1d3a2f",
    warn="#f0b34a",
    warn_soft="#3d3221",
    bad="#ef6a6a",
    bad_soft="#3a2428",
    validation="#f0934a",
    families=MappingProxyType(
        {
            "io": "#8b93a7",
            "linear": "#5b9cff",
            "convolution": "#b07cff",
            "activation": "#f0934a",
            "normalisation": "#3fc1b0",
            "pooling": "#4cc38a",
            "sequence": "#e76fa8",
            "operation": "#7f8aa3",
            "block": "#5b9cff",
            "own": "#4fb8d8",
            "bypassed": "#3a4050",
        }
    ),
)

LIGHT = Tokens(
    dark=False,
    background="#f4f5f8",
    panel="#ffffff",
    raised="#f0f2f6",
    hover="#e6e9f0",
    line="#dde1e9",
    grid="#dcdfe7",
    text="#1b1f29",
    dim="#596174",
    faint="#687083",
    wire="#7c8498",
    accent="#2f6fe0",
    on_accent="#ffffff",
    accent_soft="#e3edfd",
    ok="#1a7f50",
    ok_soft="#e2f4ea",
    warn="#8f5d10",
    warn_soft="#fbf0d9",
    bad="#c53434",
    bad_soft="#fcebea",
    validation="#c2600f",
    families=MappingProxyType(
        {
            "io": "#6f778c",
            "linear": "#2f6fe0",
            "convolution": "#8a4be0",
            "activation": "#c2600f",
            "normalisation": "#13877a",
            "pooling": "#1a7f50",
            "sequence": "#c43f83",
            "operation": "#67718a",
            "block": "#2f6fe0",
            "own": "#0f7ea3",
            "bypassed": "#ccd2de",
        }
    ),
)

RUN_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
"""Okabe and Ito's palette for runs (Color Universal Design, 2008): told apart with any colour vision."""

UNIT = 4
"""The grid that spacing keeps to, in pixels."""
RADIUS_INPUT = 6
RADIUS_CARD = 9
