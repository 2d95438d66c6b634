"""What is offered behind a shape belongs to the layers that there are now."""

from types import SimpleNamespace

from workbench.core.analysis import Spec
from workbench.core.messages import Neighbours
from workbench.ui.neighbourhood import TURNS, Neighbourhood

SHAPE = Spec((8,), "float32")


class Engine:
    """Answers when the test says so."""

    def __init__(self):
        self.waiting = []

    def ask(self, question, done, failed):
        self.waiting.append((question, done))

    def answer(self):
        question, done = self.waiting.pop(0)
        done(Neighbours(dict.fromkeys(question.own, SHAPE)), [])


def test_an_answer_about_layers_that_are_gone_is_asked_anew(qtbot):
    engine, own = Engine(), SimpleNamespace(layers={"file:old.py:Old": None}, folder=None)
    neighbourhood = Neighbourhood(engine, own)
    assert neighbourhood.after(SHAPE) is None
    qtbot.waitUntil(lambda: bool(engine.waiting))
    for _ in range(TURNS - 1):
        engine.answer()
    own.layers = {"file:new.py:New": None}
    neighbourhood.forget()
    engine.answer()  # the last turn, about the old layers
    assert neighbourhood.after(SHAPE) is None
    for _ in range(TURNS):
        engine.answer()
    assert neighbourhood.after(SHAPE) == {"file:new.py:New": SHAPE}
    assert not engine.waiting
