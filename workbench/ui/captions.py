"""A node's settings in its second line, as people say them: `32 filters · 3×3 · same`."""

from collections.abc import Mapping

from workbench.core import wording
from workbench.core.catalogue import FieldInfo, LayerInfo, default_of
from workbench.core.document import BLOCK, Document, Node, Param, Value
from workbench.core.i18n import tr, trn


def settings_caption(document: Document, node: Node, info: LayerInfo | None) -> str:
    """The settings of a node that matter most."""
    if node.type == "input":
        column, shape = node.settings.get("column"), node.settings.get("shape")
        if column or (document.data and shape is None):
            source = document.data.source if document.data else ""
            return " · ".join(filter(None, (source, column or "")))
        return wording.shape(shape) if shape else ""
    if node.type == "output":
        target = node.settings.get("target")
        return " · ".join(filter(None, (tr(str(node.settings.get("task", "classification"))), target or "")))
    if node.type == BLOCK:
        given = node.settings.get("arguments")
        chosen = given.items() if isinstance(given, Mapping) else ()
        return " · ".join(_argument(name.replace("_", " "), value) for name, value in chosen)
    if info is None:
        return ""
    parts = []
    for name in info.caption:
        field = next(item for item in info.fields if item.name == name)
        parts.append(_setting_caption(field, node.settings.get(name, default_of(info.fields, name))))
    return " · ".join(filter(None, parts))


def _setting_caption(field: FieldInfo, value: Value) -> str:
    """A setting in a few characters; what is as usual (no padding, stride 1) is left out."""
    if value is None or (field.name in ("stride", "padding") and value in (0, 1 if field.name == "stride" else 0)):
        return ""
    if isinstance(value, Param):
        return f"{tr(field.label).lower()} = {value.param}"
    if isinstance(value, str):
        return tr(value)
    if isinstance(value, bool):
        return (tr(field.said[0]) if field.said else tr(field.label).lower()) if value else ""
    if field.said and isinstance(value, int):
        return trn(field.said[0], field.said[-1], value)
    if axes := {"pair": 2, "triple": 3}.get(field.kind):
        sizes = value if isinstance(value, tuple) and len(value) == axes else (value,) * axes
        text = "×".join(map(str, sizes))
        return text if field.name in ("kernel_size", "output_size") else f"{tr(field.label).lower()} {text}"
    if isinstance(value, tuple):
        text = ", ".join(map(str, value))
        return tr(field.said[0], n=text) if field.said else text
    return f"{tr(field.label).lower()} {wording.readable(value)}"


def _argument(name: str, value: Value) -> str:
    """What a use of a block says of one parameter."""
    if isinstance(value, bool):
        return name if value else tr("not {what}", what=name)
    if isinstance(value, Param):
        return f"{name} = {value.param}"
    return f"{name} {wording.readable(value)}"
