"""`workbench scale-out`: a run that torchrun starts, here or on several machines."""

import argparse

import msgspec
from msgspec.structs import replace

from workbench.cli import sources
from workbench.cli.output import OK, note, write, write_json
from workbench.cli.starting import wanted
from workbench.core import project
from workbench.core.files import write_atomically
from workbench.core.i18n import tr
from workbench.core.scale_out import ScaleOut, sbatch, torchrun


def scale_out(args: argparse.Namespace) -> int:
    """Prepare a run for several processes or machines, and print the line that starts it."""
    store = sources.run_store(args.runs)
    start = wanted(store, args)
    training = start.document.training
    processes, nodes = args.processes or training.processes, args.nodes or training.nodes
    document = replace(start.document, training=replace(training, processes=processes, nodes=nodes))
    message = replace(start.message, document=project.to_raw(document), processes=None, trusted=())
    start.folder.path.mkdir(parents=True)
    plan = ScaleOut(start.folder.name, start.folder.path / "train.json", processes, nodes)
    write_atomically(plan.message, msgspec.json.encode(message))
    if args.sbatch:
        write_atomically(sources.target(args.sbatch, ".sh"), sbatch(plan).encode())
    if args.json:
        write_json(
            {"run": plan.run, "torchrun": torchrun(plan), "sbatch": args.sbatch or "", "folder": str(start.folder.path)}
        )
        return OK
    write(torchrun(plan))
    if nodes > 1:
        note(
            tr(
                "Enter it on each machine, with HOST set to the name of one of them; all must see {folder}.",
                folder=store.root,
            )
        )
    if args.sbatch:
        note(tr("Or submit: sbatch {file}", file=args.sbatch))
    return OK
