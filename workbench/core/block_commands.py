"""The commands on blocks: they need the session, what there is around it, and the catalogue for the ports."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from workbench.core import block_ports, blocks, frames
from workbench.core.catalogue import Catalogue
from workbench.core.commands import Command
from workbench.core.document import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, ROOT, Document, Layout, Node
from workbench.core.i18n import tr
from workbench.core.ports import needed_ports
from workbench.core.problems import Problem
from workbench.core.session import Session, State


class Around(Protocol):
    """What there is around a session."""

    def complain(self, problem: Problem) -> None:
        """Say why something cannot be done."""

    def name_block(self) -> None:
        """Ask what the block that was just made is called; it has a name if nobody answers."""

    def keep_block(self, block: str) -> None:
        """Put a block into the user's library."""

    def show_blocks(self) -> None:
        """Show the blocks of the project and of the library."""


def block_commands(session: Session, around: Around, catalogue: Callable[[], Catalogue]) -> list[Command]:
    """Making blocks and unpacking them, looking into them, their ports."""
    return [*_making(session, around, catalogue), *_looking(session), *_ports(session), *_keeping(session, around)]


def made(key: str) -> tuple[str, str]:
    """Edits with this merge key belong to the step that made the block: giving it a name."""
    return "block made", key


def chosen_uses(state: State) -> list[Node]:
    """The uses of blocks that are there, among what is selected, in the order of the document."""
    return [node for node in state.graph.nodes.values() if node.id in state.selection and definition(state, node)]


def definition(state: State, node: Node) -> str:
    """The block that a node uses; empty when it uses none that is there."""
    name = node.settings.get("definition") if node.type == BLOCK else None
    return name if isinstance(name, str) and name in state.document.blocks else ""


def free_title(state: State, nodes: Iterable[str]) -> str:
    """What a block of these nodes is called at first: as the frame around all of them, or by a number."""
    chosen = set(nodes)
    titles = {block.title for block in state.document.blocks.values()}
    around = state.document.layout.get(state.scope, Layout()).frames
    for frame in frames.within(around, chosen).values():
        if set(frame.nodes) == chosen and frame.title and frame.title not in titles:
            return frame.title
    number = len(titles) + 1
    while (title := tr("Block {n}", n=number)) in titles:
        number += 1
    return title


def _making(session: Session, around: Around, catalogue: Callable[[], Catalogue]) -> list[Command]:
    def make() -> None:
        state = session.state
        ports = partial(needed_ports, catalogue=catalogue(), document=state.document)
        title = free_title(state, state.selection)
        changed, name, use = blocks.group(state.document, state.selection, title, ports, scope=state.scope)
        session.edit(tr("Make a block"), changed, merge=made(name))
        session.select([use])
        around.name_block()

    def unpack() -> None:
        state = session.state
        changed, new = state.document, set[str]()
        for node in chosen_uses(state):
            try:
                changed, parts = blocks.ungroup(changed, node.id, scope=state.scope)
            except ValueError:
                around.complain(Problem("block.cannot_unpack", {"block": node.label or definition(state, node)}))
                return
            new |= parts
        session.edit(tr("Unpack the block"), changed)
        session.select(new)

    def unique() -> None:
        state = session.state
        changed = state.document
        for node in chosen_uses(state):
            changed, _ = blocks.make_unique(changed, node.id, scope=state.scope)
        session.edit(tr("Make unique"), changed)

    def can_make(state: State) -> bool:
        return blocks.can_be_grouped(state.graph, state.selection)

    def has_uses(state: State) -> bool:
        return bool(chosen_uses(state))

    def is_shared(state: State) -> bool:
        return any(_is_shared(state.document, definition(state, node)) for node in chosen_uses(state))

    def row(
        key: str, title: str, run: Callable[[], None], keys: tuple[str, ...], when: Callable[[State], bool], icon: str
    ) -> Command:
        return Command(f"blocks.{key}", title, "block", run, keys, when, icon, "graph")

    return [
        row("make", tr("Make a block"), make, ("Ctrl+G",), can_make, "group"),
        row("unpack", tr("Unpack the block"), unpack, ("Ctrl+Shift+G",), has_uses, "ungroup"),
        row("unique", tr("Make unique"), unique, (), is_shared, ""),
    ]


def _is_shared(document: Document, block: str) -> bool:
    found = blocks.uses(document, block)
    next(found, None)
    return next(found, None) is not None


def _looking(session: Session) -> list[Command]:
    def enter() -> None:
        session.enter(chosen_uses(session.state)[0].id)

    def leave() -> None:
        session.leave()

    def one_use(state: State) -> bool:
        return len(chosen_uses(state)) == 1

    return [
        Command(
            "blocks.enter", tr("Open the block"), "block", enter, ("Ctrl+Return", "Ctrl+Enter"), one_use, scope="graph"
        ),
        Command(
            "blocks.leave",
            tr("Leave the block"),
            "block",
            leave,
            ("Ctrl+Shift+Return", "Ctrl+PgUp"),
            _inside,
            scope="graph",
        ),
    ]


def _keeping(session: Session, around: Around) -> list[Command]:
    def meant(state: State) -> str:
        """The block of the selected use, or the one that is being looked at."""
        uses = chosen_uses(state)
        return definition(state, uses[0]) if len(uses) == 1 else "" if uses else state.scope

    def keep() -> None:
        around.keep_block(meant(session.state))

    def can_keep(state: State) -> bool:
        return bool(meant(state))

    return [
        Command("blocks.keep", tr("Save to your blocks"), "block", keep, (), can_keep, "archive"),
        Command("blocks.show", tr("Manage blocks …"), "block", around.show_blocks, (), is_open, "package"),
    ]


def is_open(state: State) -> bool:
    """There is a project."""
    return state.is_open


def _inside(state: State) -> bool:
    return state.scope != ROOT


def _ports(session: Session) -> list[Command]:
    def add(side: block_ports.Side, label: str) -> Callable[[], None]:
        def run() -> None:
            changed, name = block_ports.added(session.state.document, session.state.scope, side)
            session.edit(label, changed)
            session.select([name])

        return run

    def shift(by: int, label: str) -> Callable[[], None]:
        def run() -> None:
            state = session.state
            session.edit(label, block_ports.shifted(state.document, state.scope, next(iter(state.selection)), by))

        return run

    def one_port(state: State) -> bool:
        return (
            _inside(state)
            and len(state.selection) == 1
            and block_ports.is_port(state.graph, next(iter(state.selection)))
        )

    new_in, new_out = tr("Add an input to the block"), tr("Add an output to the block")
    earlier, later = tr("Move the port forward"), tr("Move the port back")
    return [
        Command("blocks.add_input", new_in, "block", add(BLOCK_INPUT, new_in), (), _inside),
        Command("blocks.add_output", new_out, "block", add(BLOCK_OUTPUT, new_out), (), _inside),
        Command("blocks.port_earlier", earlier, "block", shift(-1, earlier), (), one_port),
        Command("blocks.port_later", later, "block", shift(1, later), (), one_port),
    ]
