"""The window and its helpers, for the tests of this folder."""

from tests.window_fixtures import *  # noqa: F403 - fixtures, named in its __all__
