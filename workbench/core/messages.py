"""What crosses the pipe between the window or the command line and an engine process, and how it is framed.

A frame is a big-endian unsigned 32-bit length, a JSON header of that length, and the binary parts whose lengths
the header lists under `parts`. The first message from an engine is `Hello`. NaN and infinities, which JSON cannot
hold, travel as `{"$float": "nan"}`.
"""

import json
import math
import struct
import time
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from workbench.core.analysis import Analysis, Memory, NodeAnalysis, Spec
from workbench.core.catalogue import Catalogue
from workbench.core.changes import Changes, Patch
from workbench.core.data_messages import GetSamples, GetVocabulary, InspectData, PreviewSteps
from workbench.core.problems import Problem
from workbench.core.question import Question
from workbench.core.rate_range import FindRate
from workbench.core.runs import Edit

PROTOCOL = 1
LIMIT = 1 << 30
"""No frame is larger than this: a damaged length must not allocate the machine's memory."""

_LENGTH = struct.Struct(">I")


class GetCatalogue(Question, frozen=True, tag=True):
    """What is there?"""

    reply: ClassVar[Any] = Catalogue


class Analyse(Question, frozen=True, tag=True):
    """Shapes, counts and problems of a document (raw, as in a project file)."""

    document: dict[str, Any]
    revision: int
    folder: str = ""
    """Where relative paths to data start: the project file's folder."""
    whole: bool = False
    """Wait for the forecast of memory, however long it takes."""

    reply: ClassVar[Any] = Analysis


class Followed(Struct, frozen=True):
    """What an edit changed in the analysis of a document."""

    nodes: Patch[NodeAnalysis]
    rest: Analysis
    """The whole of the new analysis, but for its nodes."""


class Follow(Question, frozen=True, tag=True):
    """As `Analyse`, of a document that differs a little from the one that was asked about last."""

    changes: Changes
    base: int
    """The revision that the changes start from."""
    revision: int
    folder: str = ""

    reply: ClassVar[Any] = Followed | None
    """None where the engine does not know what the changes start from, and must be asked about the whole."""


class GetMemory(Question, frozen=True, tag=True):
    """The forecast of memory for the document that was asked about last, so far as a moment is enough to make it.

    One that is still `unfinished` goes on where it was when it is asked for again.
    """

    revision: int

    reply: ClassVar[Any] = Memory | None
    """None where the engine knows another document."""


class Source(Struct, frozen=True):
    """A network as PyTorch source, and where each node is found in it."""

    text: str
    lines: dict[str, tuple[int, ...]] = msgspec.field(default_factory=dict)
    """The numbers (from 1) of the lines of a node, by `scope/id`."""
    paths: dict[str, str] = msgspec.field(default_factory=dict)
    """Where a node is first met, as a path of ids, by `scope/id`."""
    classes: dict[str, tuple[int, ...]] = msgspec.field(default_factory=dict)
    """The numbers of the lines where the classes of a graph begin, by scope."""


class GetSource(Question, frozen=True, tag=True):
    """The source of a document (raw, as in a project file); or of the last one that was analysed."""

    document: dict[str, Any] | None = None
    folder: str = ""
    revision: int = 0
    """Of the document that was analysed last, where that is meant."""

    reply: ClassVar[Any] = Source | None
    """None where that is not the document that was analysed last."""


class Neighbours(Struct, frozen=True):
    """Layers that could stand beside a port."""

    fitting: dict[str, Spec | None]
    """Their keys in the catalogue, in its order, and what would come out of their first output."""


class FindNeighbours(Question, frozen=True, tag=True):
    """Which layers accept what comes out of a port, with the settings that they have at first?

    Asked in several turns, so that no other question has to wait for the trial of all of them.
    """

    spec: Spec
    turn: int = 0
    turns: int = 1
    own: tuple[str, ...] = ()
    """Types of the user's own layers that are to be tried too."""
    folder: str = ""
    """Where their files are."""

    reply: ClassVar[Any] = Neighbours


class PortPreview(Struct, frozen=True):
    """What came out of one port for one sample. Its picture is a piece of the message's binary part: RGBA."""

    node: str
    """The path of ids."""
    port: str
    width: int
    height: int
    start: int
    """Where its pixels begin; several ports may show the same."""
    least: float
    mean: float
    most: float
    deviation: float
    zeros: float
    """The share of numbers that are 0."""
    wrong: float
    """The share of numbers that are NaN or infinite."""
    counts: tuple[int, ...] = ()
    """How many numbers lie in each of as many equal parts from `least` to `most`."""


class Preview(Struct, frozen=True):
    """One sample on its way through a network."""

    revision: int
    ports: tuple[PortPreview, ...]
    caption: str = ""
    """The sample's class, where it has one."""
    sample: int = 0
    total: int = 0
    """How many samples there are to choose from; 0 where the input is random."""
    trained: bool = False
    """With the weights of the run that was asked for; else freshly initialised."""
    problem: Problem | None = None
    """Why it does not go on to the end."""


class PreviewSample(Question, frozen=True, tag=True):
    """Let one sample flow through the network as far as it is sound; pictures of what comes out of its ports."""

    document: dict[str, Any]
    revision: int
    folder: str = ""
    sample: int = 0
    """Counted through the training split; beyond its end it begins anew."""
    seed: int = 0
    """Of fresh weights, and of random input where there are no data."""
    prefix: str = ""
    """Only of nodes whose path is this and one id."""
    run: str = ""
    """The folder of the run whose weights are wanted, where they fit."""

    reply: ClassVar[Any] = Preview


class Confusion(Struct, frozen=True):
    """How often each class (row) was taken for each class (column)."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class ClassFigures(Struct, frozen=True):
    """How a model does on one class, kind of thing or tag."""

    name: str
    precision: float
    """Of what was answered so, the share that is so."""
    recall: float
    """Of what is so, the share that was answered so."""
    f1: float
    support: int
    """How often it is there."""
    iou: float | None = None
    """In pictures: the overlap of what was found with what is there, over both together."""


class Shown(Struct, frozen=True):
    """One sample with its target and the model's answer, as text."""

    input: str
    target: str
    answer: str


class OutputEvaluation(Struct, frozen=True):
    """How one output does on a split."""

    output: str
    """The path of its node."""
    task: str
    column: str
    metrics: dict[str, float]
    confusion: Confusion | None = None
    classes: tuple[ClassFigures, ...] = ()
    shown: tuple[Shown, ...] = ()
    """Some samples of the split."""
    pictures: tuple[int, ...] = ()
    """Or as pictures, in a binary part of the message: (samples, 2 or 3, height, width, 3), uint8. Of each sample
    the input, the target unless that is the input itself, and the answer."""


class Evaluation(Struct, frozen=True):
    """How a trained model does on one split."""

    run: str
    split: str
    metrics: dict[str, float]
    """All of them, by the names that they have in curves."""
    confusion: Confusion | None = None
    """Of the first output that has classes."""
    weights: str = "best"
    outputs: tuple[OutputEvaluation, ...] = ()


class EvaluateRun(Question, frozen=True, tag=True):
    """Measure a run's model on a split."""

    folder: str
    """The run's folder."""
    split: str = "test"
    weights: str = "best"

    reply: ClassVar[Any] = Evaluation


class ExportReport(Struct, frozen=True):
    """What was written, and the proof that it behaves like the trained network."""

    path: str
    opset: int
    precision: str
    ok: bool
    max_abs_diff: float
    max_rel_diff: float
    """The largest difference divided by the largest output."""
    decisions_agree: bool
    samples: int
    first_difference: str | None
    """The first node whose output differs; None when all agree."""
    provider: str
    bytes: int
    batch_sizes: tuple[int, ...] = ()
    passed_over: str = ""
    """A provider that ONNX Runtime was built with, but that does not work on this machine."""
    weights: str = "best"
    sha256: str = ""
    torch: str = ""
    onnxruntime: str = ""


class ExportRun(Question, frozen=True, tag=True):
    """Write a run's model as ONNX and prove that it behaves the same."""

    folder: str
    path: str
    weights: str = "best"
    precision: str = "fp32"

    reply: ClassVar[Any] = ExportReport


class Part(Struct, frozen=True):
    """A piece of an input, and what the model says of it."""

    text: str
    label: str
    score: float


class Prediction(Struct, frozen=True, omit_defaults=True):
    """A model's answer to one input."""

    input: str
    answer: str | float | list[str | float]
    scores: dict[str, float]
    """By class or tag; of pictures the share that each class takes; of texts the tokens that may come next."""
    output: str = ""
    """Which of a model's outputs answers, where there are several."""
    file: str = ""
    """A picture that is the answer, where it was written."""
    parts: tuple[Part, ...] = ()
    """The answer to each piece of the input."""


class Predictions(Struct, frozen=True):
    """Answers in the order of the inputs."""

    answers: tuple[Prediction, ...]
    provider: str
    milliseconds: float = 0.0
    problems: tuple[Problem, ...] = ()
    """Of the inputs that cannot be answered; each one's node is the file."""


class Decoding(Struct, frozen=True):
    """How a text is written token by token."""

    length: int = 100
    """At most so many tokens."""
    beams: int = 1
    """So many texts are tried side by side, and the best one is kept."""
    temperature: float = 0.0
    """0 takes the likeliest token each time; above, one is drawn by chance, the more evenly the higher it is."""
    top_k: int = 0
    """Drawn from so many of the likeliest tokens; 0 for all."""
    seed: int = 0


class Predict(Question, frozen=True, tag=True):
    """Run an ONNX model on files, or on one drawing that comes as a binary part (uint8 ink, `drawing` its shape)."""

    model: str
    inputs: tuple[str, ...] = ()
    """Files; of a model with several inputs a table with a column for each, or `column=file` for all of them."""
    drawing: tuple[int, int] | None = None
    decoding: Decoding = Decoding()
    folder: str = ""
    """Where pictures that are answers are written; empty where nobody wants them."""

    reply: ClassVar[Any] = Predictions


AnyQuestion = (
    GetCatalogue
    | Analyse
    | Follow
    | GetMemory
    | GetSource
    | FindNeighbours
    | InspectData
    | GetSamples
    | PreviewSteps
    | GetVocabulary
    | PreviewSample
    | EvaluateRun
    | ExportRun
    | FindRate
    | Predict
)


class Ask(Struct, frozen=True, tag=True):
    """To the engine."""

    id: int
    question: AnyQuestion
    trusted: tuple[str, ...] = ()
    """The hashes of the files of the user's own layers that may be run for it."""


class Train(Struct, frozen=True, tag=True):
    """To a job: make this run, or go on with it where its folder says it stopped."""

    folder: str
    document: dict[str, Any] | None = None
    """None resumes."""
    data_folder: str = ""
    project: str = ""
    epochs: int | None = None
    """A new end, when a run is to go on for longer."""
    processes: int | None = None
    """Other than the settings have it: how many share each batch."""
    at: int | None = None
    """The step of the checkpoint to go on from, or to begin with; None is the latest."""
    origin: str = ""
    """The folder of the run whose checkpoint a new one begins with."""
    repeats: str = ""
    """The run that is made again."""
    edits: tuple[Edit, ...] = ()
    """What is to be changed at which step."""
    keep_checkpoints: int = 2
    trusted: tuple[str, ...] = ()
    """The hashes of the files of the user's own layers that may be run."""
    asked: float = msgspec.field(default_factory=time.time)
    """When it was asked for, seconds since 1970: what was wanted of the run before that no longer counts."""


class Hello(Struct, frozen=True, tag=True):
    """First from every engine."""

    protocol: int
    version: str
    process: int


class Progress(Struct, frozen=True, tag=True):
    """How far an answer is: `done` of `total` (0 when it cannot be known), and the code of what is being done."""

    id: int
    code: str
    done: int = 0
    total: int = 0


class Answer(Struct, frozen=True, tag=True):
    """The reply to a question, as raw values of its `reply` type."""

    id: int
    result: Any


class Failed(Struct, frozen=True, tag=True):
    """The question could not be answered, and why."""

    id: int
    problem: Problem


Message = Ask | Train | Hello | Progress | Answer | Failed


def encode(message: Message, parts: Sequence[bytes] = ()) -> bytes:
    """One frame."""
    header = msgspec.to_builtins(message)
    header["parts"] = [len(part) for part in parts]
    try:
        text = json.dumps(header, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps(_explicit(header), ensure_ascii=False)
    body = text.encode()
    return b"".join([_LENGTH.pack(len(body)), body, *parts])


class Decoder:
    """Turns a stream of bytes, in pieces of any size, back into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, piece: bytes) -> Iterator[tuple[Message, list[bytes]]]:
        """The messages that `piece` completes. Raises ValueError when the stream makes no sense."""
        self._buffer += piece
        while (frame := self._frame()) is not None:
            yield frame

    def _frame(self) -> tuple[Message, list[bytes]] | None:
        if len(self._buffer) < 4:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        if length > LIMIT:
            raise ValueError(f"a frame of {length} bytes")
        if len(self._buffer) < 4 + length:
            return None
        text = bytes(self._buffer[4 : 4 + length])
        header, sizes = _header(text)
        end = 4 + length + sum(sizes)
        if end > LIMIT:
            raise ValueError(f"a frame of {end} bytes")
        if len(self._buffer) < end:
            return None
        parts, at = [], 4 + length
        for size in sizes:
            parts.append(bytes(self._buffer[at : at + size]))
            at += size
        del self._buffer[:end]
        if b'"$float"' in text:
            header = _implicit(header)
        return msgspec.convert(header, Message), parts


def _header(text: bytes) -> tuple[dict[str, Any], list[int]]:
    header = json.loads(text)
    sizes = header.pop("parts", None) if isinstance(header, dict) else None
    if not isinstance(sizes, list) or not all(isinstance(size, int) and size >= 0 for size in sizes):
        raise ValueError("a frame without a header")
    return header, sizes


def _explicit(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": str(value)}
    if isinstance(value, dict):
        return {key: _explicit(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_explicit(item) for item in value]
    return value


def _implicit(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"$float"} and value["$float"] in ("nan", "inf", "-inf"):
            return float(value["$float"])
        return {key: _implicit(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_implicit(item) for item in value]
    return value
