"""What the inspector does to blocks: names, ports and parameters in, named edits out. No widgets in here."""

from collections.abc import Callable

from workbench.core import block_ports, blocks, edits, parameters
from workbench.core.block_commands import made
from workbench.core.document import IDENTIFIER, Document, Value
from workbench.core.i18n import tr
from workbench.core.problems import Problem
from workbench.core.session import Session

Complain = Callable[[Problem], None]


class BlockEditor:
    """Edits the definition that is being looked at, and those of uses."""

    def __init__(self, session: Session, complain: Complain) -> None:
        self._session, self._complain = session, complain

    @property
    def _document(self) -> Document:
        return self._session.state.document

    @property
    def _block(self) -> str:
        return self._session.state.scope

    def title(self, block: str, text: str) -> None:
        """Call a block something else; right after it was made, that is one step with making it."""
        self._session.edit(tr("Rename the block"), blocks.titled(self._document, block, text), merge=made(block))

    def add_port(self, side: block_ports.Side) -> None:
        """One more input or output."""
        label = tr("Add an input to the block") if side == "block_input" else tr("Add an output to the block")
        self._session.edit(label, block_ports.added(self._document, self._block, side)[0])

    def rename_port(self, port: str, text: str) -> bool:
        """Call a port something else; whether that was possible."""
        selected = port in self._session.state.selection
        before = self._session.state.graph.nodes.keys()
        done = self._renamed(
            tr("Rename the port"), text, lambda name: block_ports.renamed(self._document, self._block, port, name)
        )
        if done and selected:
            self._session.select(self._session.state.graph.nodes.keys() - before)
        return done

    def shift_port(self, port: str, by: int) -> None:
        """Move a port among those of its side."""
        label = tr("Move the port forward") if by < 0 else tr("Move the port back")
        self._session.edit(label, block_ports.shifted(self._document, self._block, port, by))

    def remove_port(self, port: str) -> None:
        """Take a port away, with the wires that lead to it at every use."""
        self._session.edit(tr("Remove the port"), edits.remove_nodes(self._document, [port], scope=self._block))

    def make_parameter(self, node: str, setting: str, value: Value, name: str = "") -> None:
        """Let a setting be chosen at each use: by a parameter that is there, or a new one."""
        changed, _ = parameters.make(self._document, self._block, node, setting, value, name)
        self._session.edit(tr("Make a parameter"), changed)

    def rename_parameter(self, name: str, text: str) -> bool:
        """Call a parameter something else; whether that was possible."""
        return self._renamed(
            tr("Rename the parameter"), text, lambda new: parameters.rename(self._document, self._block, name, new)
        )

    def remove_parameter(self, name: str) -> None:
        """Inside stands its default again."""
        self._session.edit(tr("Remove the parameter"), parameters.remove(self._document, self._block, name))

    def set_default(self, name: str, value: Value, merge: object) -> None:
        """Change what a parameter is where a use does not say."""
        changed = parameters.set_default(self._document, self._block, name, value)
        self._session.edit(tr("Change the default"), changed, merge=("default", self._block, name, merge))

    def _renamed(self, label: str, text: str, rename: Callable[[str], Document]) -> bool:
        name = text.strip() if IDENTIFIER.fullmatch(text.strip()) else blocks.identifier(text)
        try:
            changed = rename(name)
        except ValueError:
            self._complain(Problem("block.name_taken", {"name": name}, severity="warning"))
            return False
        self._session.edit(label, changed)
        return True
