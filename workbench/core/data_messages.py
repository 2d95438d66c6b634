"""What an engine is asked about data: what there is, what it looks like, what its preparation makes of it."""

from typing import Any, ClassVar

from msgspec import Struct

from workbench.core.inspection import Inspection
from workbench.core.problems import Problem
from workbench.core.question import Question


class InspectData(Question, frozen=True, tag=True):
    """Find out about the data that a document's raw `data` names. Nothing is downloaded unless the user said so."""

    data: dict[str, Any] | None = None
    source: str = ""
    """Instead of `data`: a file or folder, whose kind is then guessed, or the key of a source."""
    folder: str = ""
    """Where relative paths start: the project file's folder."""
    download: bool = False
    begin: bool = False
    """A project begins with them: options and steps that suit what is there are put in where nothing is said."""

    reply: ClassVar[Any] = Inspection


Size = tuple[int, int]
"""Height and width of a picture in pixels."""


class SamplePage(Struct, frozen=True):
    """Samples to look at, as texts by column and, where they can be seen, as pictures.

    The pictures are the message's binary part: RGB, one after the other, of the sizes in `pictures`.
    """

    total: int
    """How many samples there are to choose from."""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    captions: tuple[str, ...]
    """The target of each sample."""
    pictures: tuple[Size, ...] = ()
    """None, or one for each sample."""


class GetSamples(Question, frozen=True, tag=True):
    """Some samples of one split, of one class or of all."""

    data: dict[str, Any]
    split: str
    start: int
    count: int
    label: str = ""
    folder: str = ""

    reply: ClassVar[Any] = SamplePage


class StepsPreview(Struct, frozen=True):
    """Samples of a column before and after its steps: pictures or texts.

    The pictures are the message's binary part: RGB, all of `before`, then all of `after`, of the sizes given.
    """

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    before_sizes: tuple[Size, ...] = ()
    after_sizes: tuple[Size, ...] = ()
    captions: tuple[str, ...] = ()
    random: bool = False
    """Another roll gives something else."""
    problem: Problem | None = None
    """Why the steps cannot be done; `before` is there all the same."""


class PreviewSteps(Question, frozen=True, tag=True):
    """What the steps of a column make of some training samples, with the data as the document has them."""

    data: dict[str, Any]
    column: str
    start: int = 0
    count: int = 6
    roll: int = 0
    """Seeds what is random."""
    folder: str = ""

    reply: ClassVar[Any] = StepsPreview


class Token(Struct, frozen=True):
    """One token that a network can read."""

    number: int
    text: str
    count: int | None = None
    """How often it is in the training split; None where nobody counted."""


class Vocabulary(Struct, frozen=True):
    """Tokens of a column, the most frequent first, and how a text is cut."""

    size: int
    """How many different tokens there are in all."""
    total: int
    """How many of them were looked for."""
    tokens: tuple[Token, ...]
    pieces: tuple[Token, ...] = ()
    """What the text was cut into."""


class GetVocabulary(Question, frozen=True, tag=True):
    """Some tokens of a column of text, and how a text of the user's is cut."""

    data: dict[str, Any]
    column: str
    search: str = ""
    """Only tokens that hold this."""
    start: int = 0
    count: int = 100
    text: str = ""
    folder: str = ""

    reply: ClassVar[Any] = Vocabulary
