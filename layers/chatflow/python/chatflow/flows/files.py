"""Where the documents of a project stand in its folder; flows stand beside them, as `<name>.yaml`."""

from __future__ import annotations

from typing import Final

ROUTES: Final = "routes.yaml"
DEPLOYMENT: Final = "deployment.yaml"
INTEGRATIONS: Final = "integrations"  # the folder
