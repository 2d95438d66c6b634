"""Every code that the program can raise has its words, and every sentence has all it needs."""

import ast
import re
from string import Formatter

import msgspec
import pytest

from tests.sources import calls, literal, sources
from workbench.core import wording
from workbench.core.document import Wire
from workbench.core.edits import InsertNode, RemoveNode, RemoveWire, SetSetting
from workbench.core.i18n import PSEUDO, use_language
from workbench.core.problems import Problem
from workbench.core.runs import RunState

CODE = re.compile(r"[a-z_]+\.[a-z_0-9]+")
AREAS = {code.split(".")[0] for code in wording.SENTENCES} | {"checkpoint"}
GIVEN_ALWAYS = {"where"}
"""The place of a problem: its node."""
OF_A_SETTING = {"label", "found", "expected"}
"""What `wording` itself makes of the arguments of `setting.` codes."""


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def needed(code: str) -> set[str]:
    found = set().union(*map(names_in, wording.SENTENCES[code])) - GIVEN_ALWAYS
    return found - OF_A_SETTING if code.startswith("setting.") else found


class Use:
    """One place where a code is raised, and the arguments that are given there; None where that cannot be seen."""

    def __init__(self, place: str, code: str, given: set[str] | None) -> None:
        self.place, self.code, self.given = place, code, given

    def __repr__(self) -> str:
        return f"{self.place} {self.code} {sorted(self.given) if self.given is not None else None}"


def keywords(call: ast.Call, *skip: str) -> set[str] | None:
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    return {keyword.arg for keyword in call.keywords if keyword.arg} - set(skip)


def keys(node: ast.expr | None) -> set[str] | None:
    """The keys of a dictionary that is written down."""
    if node is None:
        return set()
    if not isinstance(node, ast.Dict) or any(literal(key) is None for key in node.keys):
        return None
    return {text for key in node.keys if (text := literal(key))}


def uses() -> list[Use]:
    found = []
    for source, call, called in calls("ProblemError", "Misfit", "Problem", "_problem", "_refuse"):
        codes = [literal(part) for part in _branches(call.args[0])] if call.args else []
        if called == "_problem" and len(call.args) > 1 and not any(codes):
            codes = [literal(part) for part in _branches(call.args[1])]
        for code in filter(None, codes):
            at = next(index for index, part in enumerate(call.args) if code in map(literal, _branches(part)))
            if called in ("ProblemError", "Misfit", "_refuse"):
                given = keywords(call, "where", "remedy")
            else:
                given = keys(call.args[at + 1] if len(call.args) > at + 1 else None)
            found.append(Use(f"{source.name}:{call.lineno}", code, given))
    return found


def _branches(node: ast.expr) -> list[ast.expr]:
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


def test_codes_are_found_at_all() -> None:
    found = {use.code for use in uses()}
    assert {"port.unconnected", "block.unknown", "data.no_folder", "layer.rank", "train.no_data", "cli.exists"} <= found
    assert len(found) > 80


@pytest.mark.parametrize("use", uses(), ids=repr)
def test_every_code_that_is_raised_has_words_and_all_they_need(use: Use) -> None:
    assert use.code in wording.SENTENCES
    if use.given is not None:
        assert needed(use.code) <= use.given


def test_nothing_else_in_the_source_looks_like_a_code_without_words() -> None:
    known = wording.SENTENCES.keys() | wording.ACTIVITIES.keys() | wording.EVENTS.keys()
    known |= {"cli.usage"}  # said in argparse's own words
    for source in sources():
        if source.name.startswith(("workbench/core", "workbench/engine", "workbench/cli")):
            for node in ast.walk(source.tree):
                text = literal(node) if isinstance(node, ast.Constant) else None
                if text and CODE.fullmatch(text) and text.split(".")[0] in AREAS - {"random", "model", "state", "best"}:
                    assert text in known or text.endswith((".json", ".npz", ".py")), f"{source.name}: {text}"


def test_no_sentence_is_forgotten() -> None:
    """Words for a code that nobody raises any more."""
    text = "\n".join(
        source.path.read_text(encoding="utf-8") for source in sources() if source.path.name != "wording.py"
    )
    assert [code for code in wording.SENTENCES if f'"{code}"' not in text] == []
    assert [code for code in wording.ACTIVITIES if f'"{code}"' not in text] == []


@pytest.mark.parametrize("code", wording.SENTENCES)
def test_every_sentence_can_be_filled_in(code: str) -> None:
    names = set().union(*map(names_in, wording.SENTENCES[code]))
    problem = Problem(code, {name: f"<{name}>" for name in names} | {"expected": "image"}, node="<where>")
    sentence, advice = wording.what(problem), wording.remedy(problem)
    assert "{" not in sentence + advice
    assert sentence.endswith((".", "}", ">")) or "<" in sentence[-12:]
    assert "?" not in sentence + advice
    assert not advice or advice[0].isupper()
    assert not advice or advice.endswith((".", ">"))


def test_what_is_missing_shows_and_raises_nothing() -> None:
    assert wording.what(Problem("data.no_column")) == " has no column “?”; it has ?."
    assert wording.what(Problem("nobody.knows", {"x": 1})) == "nobody.knows"
    assert wording.remedy(Problem("nobody.knows")) == ""


def test_what_others_say_ends_with_one_full_stop() -> None:
    for detail in ("no such file", "No such file.", "it ends here. \n"):
        text = wording.what(Problem("data.bad_csv", {"detail": detail}, node="t.csv"))
        assert text == f"t.csv cannot be read as CSV: {detail.strip().rstrip('.')}."


def test_a_problem_that_comes_from_another_one_tells_it_with_its_remedy() -> None:
    reason = Problem("train.not_finite", {"value": "nan", "step": 3, "rate": 10.0})
    problem = Problem("checkpoint.failed", {"reason": msgspec.to_builtins(reason)}, node="run")
    assert "The loss became NaN at step 3." in wording.what(problem)
    assert wording.remedy(problem) == wording.remedy(reason)


def test_braces_in_what_a_user_wrote_are_no_names() -> None:
    assert "{x}" in wording.what(Problem("project.not_json", {"detail": "{x}"}, node="{file}"))


@pytest.mark.parametrize("state", RunState.__args__)  # type: ignore[attr-defined]
def test_every_state_has_a_word(state: str) -> None:
    assert wording.state(state) != state


def test_every_activity_and_event_has_words() -> None:
    reported = {literal(call.args[0]) for _, call, _ in calls("report", "_report") if call.args}
    assert {code for code in reported if code} <= wording.ACTIVITIES.keys()
    engine = [call for source, call, _ in calls("event") if source.name.startswith("workbench/engine")]
    told = {code for call in engine if call.args and (code := literal(call.args[0]))}
    assert told
    assert told | {"stopped", "done"} <= wording.EVENTS.keys()
    for code, text in wording.EVENTS.items():
        assert "{" not in wording.event(code, dict.fromkeys(names_in(text), "x"))


def test_remedies_are_named() -> None:
    wire = Wire("a", "out", "b", "in")
    found = [
        wording.fix(edit)
        for edit in (
            InsertNode(wire, "linear", {"out_features": 10}),
            InsertNode(wire, "flatten"),
            InsertNode(wire, "unheard_of"),
            SetSetting("conv", "groups", 2),
            RemoveNode("x"),
            RemoveWire(wire),
        )
    ]
    assert found[:3] == ["Insert Linear (10)", "Insert Flatten", "Insert unheard_of"]
    assert found[3] == "Set groups of conv to 2"
    assert all(found)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"), (None, "nothing"), (0.1, "0.1"), ((), "nothing"), ((1, 28, 28), "1 × 28 × 28"),
        (["a", "b"], "a, b"), (((2, 3), (4,)), "2 × 3 and 4"), (("seq", 8), "seq, 8"), ("x", "x"), ([], "nothing"),
        (float("nan"), "NaN"), (float("inf"), "infinite"),
    ],
)  # fmt: skip
def test_values_are_readable(value: object, text: str) -> None:
    assert wording.readable(value) == text


def test_sizes_times_and_counts() -> None:
    assert [wording.size(number) for number in (0, 1023, 1536, 6.4e6, 1e13)] == [
        "0 B",
        "1023 B",
        "1.5 KiB",
        "6.1 MiB",
        "9.1 TiB",
    ]
    assert [wording.duration(seconds) for seconds in (0, 42.4, 61, 3723)] == ["0:00", "0:42", "1:01", "1:02:03"]
    assert wording.count(1234567) == "1,234,567"


def test_all_text_goes_through_translation() -> None:
    """In the pseudo-language nothing stays as it was."""
    use_language(PSEUDO)
    try:
        for code in wording.SENTENCES:
            problem = Problem(code, {"expected": "image"}, node="x")
            assert wording.what(problem).startswith("⟦"), code
            assert wording.remedy(problem) == "" or wording.remedy(problem).startswith("⟦"), code
        assert wording.state("done").startswith("⟦")
        assert wording.activity("export.tracing").startswith("⟦")
        assert wording.fix(RemoveNode("x")).startswith("⟦")
    finally:
        use_language("en")
