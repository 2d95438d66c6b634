"""A studied document as source: the network and each block a class, each repeat a loop.

Attributes are called after the ids of nodes, so that the weights of a run load into the model as they are.
"""

import keyword
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import nn

from workbench.core.catalogue import port_names
from workbench.core.document import ROOT, Graph, Node, Param, by_port, incoming, topological
from workbench.core.expand import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, is_bypassed
from workbench.core.messages import Source
from workbench.engine.analyse import Study
from workbench.engine.compile import compiled
from workbench.engine.source.calls import (
    Argument,
    Expression,
    Hole,
    expression_of,
    filled,
    holes,
    kinds,
    united,
    written,
)
from workbench.engine.source.helpers import Helpers

TAKEN = {*keyword.kwlist, "self", "nn", "torch", "Tensor", "part"}
IMPORTS = ("import torch", "from torch import Tensor, nn")
KNOWN = {"torch": "import torch", "nn": "from torch import nn", "Tensor": "from torch import Tensor"}
"""What `IMPORTS` brings in."""


def source_of(study: Study) -> Source:
    """The source of a studied document. Raises `ProblemError` with its first error where it has one."""
    return _Writer(study).source()


@dataclass(frozen=True)
class _Line:
    text: str
    node: str = ""


@dataclass(frozen=True)
class _Class:
    """A class of the source; uses of a block that differ in numbers alone share one."""

    name: str
    scope: str
    arguments: tuple[str, ...]
    values: Mapping[str, tuple[object, ...]]
    """What is given for the arguments, by the path of the place."""
    body: tuple[_Line, ...]
    place: str
    """The path of the first place of this class."""


class _Writer:
    def __init__(self, study: Study) -> None:
        self._study = study
        with torch.device("meta"):  # nobody needs the weights
            network = compiled(study)
        self._modules: dict[str, nn.Module] = {step.path: step.module for step in network.steps}
        self._uses = _uses(self._modules)
        self._expressions = {path: expression_of(module) for path, module in self._modules.items()}
        self._helpers = Helpers(KNOWN)
        self._helpers.need(kind for expression in self._expressions.values() for kind in kinds(expression))
        self._classes: list[_Class] = []
        self._of: dict[str, _Class] = {}
        """The class of each place, by path; a place is the network, or a use of a block, or a turn of one."""
        self._names: set[str] = {*TAKEN, *self._helpers.names}

    def source(self) -> Source:
        """All classes, inner ones first, and what makes the file run by itself."""
        places: dict[str, list[str]] = {}
        for scope, path in self._places(ROOT, ""):
            places.setdefault(scope, []).append(path)
        for scope, paths in places.items():
            alike: dict[object, list[str]] = {}
            for path in paths:
                alike.setdefault(self._shape(scope, path), []).append(path)
            for found in alike.values():
                self._write(scope, found)
        return _assembled(self._study, self._classes, self._helpers)

    def _places(self, scope: str, path: str) -> Iterator[tuple[str, str]]:
        """All places, each after those inside it."""
        for node in self._graph(scope).nodes.values():
            for turn in self._turns(path, node):
                yield from self._places(str(node.settings["definition"]), turn)
        yield scope, path

    def _turns(self, path: str, node: Node) -> list[str]:
        """The places that a use of a block stands for; none for a layer, or for a use that nothing needs."""
        use = path + node.id
        if node.type != BLOCK or is_bypassed(node) or use not in self._uses:
            return []
        return [f"{use}/{turn}/" for turn in range(self._uses[use])] or [f"{use}/"]

    def _graph(self, scope: str) -> Graph:
        return self._study.document.scope(scope)

    def _shape(self, scope: str, path: str) -> object:
        """What places must share to be of one class."""
        graph = self._graph(scope)
        return tuple(
            (node.id, path + node.id in self._modules, tuple(self._of[turn].name for turn in self._turns(path, node)))
            for node in graph.nodes.values()
        )

    def _write(self, scope: str, paths: list[str]) -> None:
        """Add the class of these places."""
        graph = self._graph(scope)
        members: dict[str, list[Expression]] = {}
        for node in graph.nodes.values():
            found = [self._member(path, node) for path in paths]
            if found[0]:
                members[node.id] = [united(turn) for turn in zip(*found, strict=True)]
        names = self._arguments(scope, paths, members)
        values = {path: tuple(hole.values[place] for hole in names) for place, path in enumerate(paths)}
        body = (*_init(members, names, self._repeated(paths[0], graph)), *self._forward(scope, paths[0], members))
        title = self._study.document.blocks[scope].title or scope if scope else self._study.document.title
        found_class = _Class(self._class_name(title), scope, tuple(names.values()), values, tuple(body), paths[0])
        self._classes.append(found_class)
        self._of.update(dict.fromkeys(paths, found_class))

    def _member(self, path: str, node: Node) -> list[Expression]:
        """How what stands for a node is made: one call, or one for each turn of a repeated block."""
        if path + node.id in self._modules:
            return [self._expressions[path + node.id]]
        found = []
        for turn in self._turns(path, node):
            inner = self._of[turn]
            arguments = zip(inner.arguments, inner.values[turn], strict=True)
            found.append(Expression(inner.name, tuple(Argument(name, value) for name, value in arguments)))
        return found

    def _repeated(self, path: str, graph: Graph) -> frozenset[str]:
        return frozenset(node for node in graph.nodes if self._uses.get(path + node))

    def _arguments(self, scope: str, paths: list[str], members: Mapping[str, list[Expression]]) -> dict[Hole, str]:
        """A name for what differs from place to place; the same differences share one."""
        names: dict[Hole, str] = {}
        taken = set(TAKEN)
        for node, expressions in members.items():
            for argument, hole in (found for expression in expressions for found in holes(expression)):
                if hole not in names:
                    name = self._parameter(scope, paths, hole) or argument
                    names[hole] = _free(name if name not in taken else f"{node}_{argument}", taken)
                    taken.add(names[hole])
        return names

    def _parameter(self, scope: str, paths: list[str], hole: Hole) -> str:
        """The block's own name for what differs, where a setting of a node inside is given by one."""
        for node in self._graph(scope).nodes.values() if scope else ():
            if all(path + node.id in self._modules for path in paths):
                given = [self._study.flat.nodes[path + node.id].node.settings for path in paths]
                for name, value in node.settings.items():
                    if isinstance(value, Param) and tuple(settings[name] for settings in given) == hole.values:
                        return value.param
        return ""

    def _class_name(self, title: str) -> str:
        words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in title).split()
        stem = "".join(word[:1].upper() + word[1:] for word in words) or "Network"
        stem = stem if stem.isidentifier() and not hasattr(nn, stem) else f"Network{stem}"
        name, number = stem, 1
        while name in self._names:
            number += 1
            name = f"{stem}{number}"
        self._names.add(name)
        return name

    def _forward(self, scope: str, path: str, members: Mapping[str, list[Expression]]) -> Iterator[_Line]:
        """The way through a graph, a line for each node."""
        graph = self._graph(scope)
        feeding = incoming(graph)
        inputs = [node.id for node in graph.nodes.values() if node.type in ("input", BLOCK_INPUT)]
        if not scope:
            inputs = [node for node in inputs if node in self._study.used]
        ends = [node for node in graph.nodes.values() if node.type in ("output", BLOCK_OUTPUT)]
        ends = [end for end in ends if scope or end.id in self._study.used]
        taken = set(TAKEN)
        variables: dict[tuple[str, str], str] = {}
        for node in inputs:
            variables[node, "out"] = _free(node, taken)
            taken.add(variables[node, "out"])

        def read(node: str, port: str) -> str:
            wire = feeding[node].get(port)
            while wire is not None and is_bypassed(graph.nodes[wire.src]):
                wire = min(feeding[wire.src].values(), key=by_port, default=None)
            return variables.get((wire.src, wire.src_port), "None") if wire else "None"

        given = ", ".join(f"{variables[node, 'out']}: Tensor" for node in inputs)
        result = "Tensor" if len(ends) == 1 else f"tuple[{', '.join(['Tensor'] * len(ends))}]"
        yield _Line(f"    def forward(self{', ' if given else ''}{given}) -> {result}:")
        repeated = self._repeated(path, graph)
        for name in topological(graph)[0]:
            if name in members:
                ports, outputs = self._ports(graph.nodes[name])
                for port in outputs:
                    stem = name if len(outputs) == 1 else f"{name}_{port}"
                    variables[name, port] = _free(stem, taken)
                    taken.add(variables[name, port])
                arguments = [read(name, port) for port in ports]
                while arguments and arguments[-1] == "None" and graph.nodes[name].type != BLOCK:
                    arguments.pop()
                results = ", ".join(variables[name, port] for port in outputs)
                if name in repeated:
                    yield _Line(f"        {results} = {', '.join(arguments)}", name)
                    yield _Line(f"        for part in {_attribute(name)}:", name)
                    yield _Line(f"            {results} = part({results})", name)
                else:
                    yield _Line(f"        {results} = {_attribute(name)}({', '.join(arguments)})", name)
        returned = [read(end.id, "in") for end in ends]
        yield _Line(f"        return {', '.join(returned)}", ends[0].id if len(ends) == 1 else "")

    def _ports(self, node: Node) -> tuple[list[str], list[str]]:
        if node.type == BLOCK:
            inner = self._graph(str(node.settings["definition"])).nodes.values()
            return (
                [item.id for item in inner if item.type == BLOCK_INPUT],
                [item.id for item in inner if item.type == BLOCK_OUTPUT],
            )
        info = self._study.flow.kinds.of(node.type).info
        return (
            list(port_names(info.inputs, node.settings, info.fields)),
            list(port_names(info.outputs, node.settings, info.fields)),
        )


def _uses(paths: Iterable[str]) -> dict[str, int]:
    """The uses of blocks that these paths lead through: how often each is repeated, 0 for once.

    A repeated use has numbers behind it in the path, which no id can be.
    """
    found: dict[str, int] = {}
    for path in paths:
        parts = path.split("/")
        for at in range(1, len(parts)):
            if not parts[at - 1].isdigit():
                use, inner = "/".join(parts[:at]), parts[at]
                found[use] = max(found.get(use, 0), int(inner) + 1 if inner.isdigit() else 0)
    return found


def _init(members: Mapping[str, list[Expression]], names: dict[Hole, str], repeated: frozenset[str]) -> Iterator[_Line]:
    given = "".join(f", {name}: {_type(hole)}" for hole, name in names.items())
    yield _Line(f"    def __init__(self{given}) -> None:")
    yield _Line("        super().__init__()")
    for node, expressions in members.items():
        calls = [written(filled(expression, names)) for expression in expressions]
        made = calls[0]
        if node in repeated and len(set(calls)) == 1:
            made = f"nn.ModuleList({made} for _ in range({len(calls)}))"
        elif node in repeated:
            made = f"nn.ModuleList([{', '.join(calls)}])"
        if node.isidentifier() and not keyword.iskeyword(node):
            yield _Line(f"        self.{node} = {made}", node)
        else:
            yield _Line(f'        self.add_module("{node}", {made})', node)
    yield _Line("")


def _attribute(node: str) -> str:
    return f'self.get_submodule("{node}")' if keyword.iskeyword(node) else f"self.{node}"


def _type(hole: Hole) -> str:
    found = {type(value).__name__ for value in hole.values}
    return " | ".join(sorted(found - {"NoneType"})) + (" | None" if "NoneType" in found else "")


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _assembled(study: Study, classes: list[_Class], helpers: Helpers) -> Source:
    """The whole file."""
    network = classes[-1]
    title = study.document.title or "A network"
    others = sorted(set(helpers.imports.values()) - set(KNOWN.values()), key=lambda said: ("torch" in said, said))
    standard = [said for said in others if "torch" not in said]
    future = [f"from __future__ import {', '.join(sorted(helpers.future))}", ""] if helpers.future else []
    imports = [*future, *standard, *[""] * bool(standard), *IMPORTS, *others[len(standard) :]]
    head = [
        f'"""{title}, as drawn in Model Workbench.',
        "",
        "Weights of a run load by name:",
        f'`{network.name}().load_state_dict(safetensors.torch.load_file("model.safetensors"))`.',
        '"""',
        "",
        *imports,
    ]
    lines = [_Line(text) for text in head]
    for code in helpers.definitions.values():
        lines += [_Line(""), _Line(""), *map(_Line, code.splitlines())]
    owners: list[tuple[str, str]] = [("", "")] * len(lines)
    paths: dict[str, str] = {}
    begins: dict[str, tuple[int, ...]] = {}
    for found in classes:
        begins[found.scope] = (*begins.get(found.scope, ()), len(lines) + 3)
        block = [_Line(""), _Line(""), _Line(f"class {found.name}(nn.Module):"), *_summary(study, found), *found.body]
        lines += block
        owners += [(found.scope, line.node) for line in block]
        for node in {line.node for line in found.body} - {""}:
            paths.setdefault(f"{found.scope}/{node}", found.place + node)
    lines += [_Line(text) for text in _main(study, network)]
    places: dict[str, tuple[int, ...]] = {}
    for number, (scope, node) in enumerate(owners, 1):
        if node:
            places[f"{scope}/{node}"] = (*places.get(f"{scope}/{node}", ()), number)
    return Source("\n".join(line.text for line in lines) + "\n", places, paths, begins)


def _summary(study: Study, found: _Class) -> list[_Line]:
    title = (study.document.blocks[found.scope].title or found.scope) if found.scope else study.document.title
    said = (title or found.name).replace('"', "'").replace("\\", "/")
    return [_Line(f'    """{said}."""'), _Line("")]


def _main(study: Study, network: _Class) -> list[str]:
    """What the file does when it is run: a forward pass, to see that all fits."""
    samples = []
    for path, flat in study.flat.nodes.items():
        if flat.node.type == "input" and path in study.used:
            known = study.known[path, "out"]
            kind = "" if known.floating else f", dtype=torch.{known.dtype}"
            samples.append(f"torch.zeros({', '.join(map(str, (2, *known.shape)))}{kind})")
    return [
        "",
        "",
        'if __name__ == "__main__":',
        f"    model = {network.name}().eval()",
        "    with torch.no_grad():",
        f"        result = model({', '.join(samples)})",
        "    for output in result if isinstance(result, tuple) else (result,):",
        "        print(tuple(output.shape))",
    ]
