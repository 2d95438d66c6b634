"""Where one looked at each graph, so that one finds it again as one left it."""

from widgets.node_canvas.camera import Camera
from workbench.core.session import State

Place = tuple[str, tuple[str, ...]]


class Views:
    """One camera for each graph and each way into it, of the document that is open."""

    def __init__(self) -> None:
        self._cameras: dict[Place, Camera] = {}

    def swap(self, old: State, new: State, camera: Camera) -> Camera | None:
        """Keep what one saw, and return what one saw of the new graph before; None where one never was there."""
        if old.opened != new.opened:
            self._cameras.clear()
            return None
        self._cameras[old.scope, old.inside] = camera
        return self._cameras.get((new.scope, new.inside))
