"""What functions have in common: our own language, and the third-party packages that it stands on."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.packaging import Package, Packages

RUNTIME = lambda_.Runtime.PYTHON_3_14  # packages/targets.py builds for exactly this one
ARCHITECTURE = lambda_.Architecture.ARM_64


class Layers(Construct):
    """`all` stand on every function, which imports what it needs of them; `publishing` where flows are compiled,
    `thumbnails` where pictures are made."""

    def __init__(self, scope: Construct, name: str, *, packages: Packages) -> None:
        super().__init__(scope, name)
        self.all = [
            self._layer("Dependencies", packages["dependencies"], "Third-party packages, hash-pinned."),
            self._layer("Language", packages["chatflow"], "The package chatflow."),
        ]
        self.publishing = self._layer("Publishing", packages["layers/publishing"], "What reads and checks documents.")
        self.thumbnails = self._layer("Thumbnails", packages["layers/thumbnails"], "What draws pictures of files.")

    def _layer(self, name: str, package: Package, description: str) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            name,
            code=lambda_.Code.from_asset(str(package.path), asset_hash=package.hash),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
            description=description,
        )
