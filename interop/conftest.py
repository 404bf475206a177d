"""The run whose release the tools of the second environment read."""

from tests.conftest import sample_world

__all__ = ["sample_world"]
