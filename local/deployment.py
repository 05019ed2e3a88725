"""Deploys this very app onto the emulator, by the same commands as onto AWS."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.cdk import Cdk
from local.emulator.serving import ACCOUNT, REGION
from local.fingerprints import fingerprint

STAGE = "local"
STACK_NAME = f"Chatflow-{STAGE}"


@dataclass(frozen=True)
class Deployment:
    """A deployment into one emulator; its assembly is kept in the folder, and made anew when sources change."""

    folder: Path
    cdk: Cdk
    context: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """Of the sources and of the context."""
        return fingerprint(*(f"{key}={value}" for key, value in sorted(self.context.items())))

    @property
    def _assembly(self) -> Path:
        return self.folder / "cdk.out"

    def synthesize(self) -> bool:
        """Make the assembly; says whether there was anything to make."""
        kept = self.folder / "cdk.out.fingerprint"
        now = self.fingerprint
        if self._assembly.is_dir() and kept.exists() and kept.read_text() == now:
            return False
        kept.unlink(missing_ok=True)
        shutil.rmtree(self._assembly, ignore_errors=True)
        said = [word for key, value in self.context.items() for word in ("-c", f"{key}={value}")]
        # The first synth on a machine builds the layers.
        self.cdk.run("synth", "synth", "--quiet", "--output", str(self._assembly), *said, within=600)
        kept.write_text(now)
        return True

    def bootstrap(self) -> None:
        """Prepare the emulator for deployments, as every AWS account is once."""
        self.cdk.run("bootstrap", "bootstrap", f"aws://{ACCOUNT}/{REGION}", within=120, folder=self.folder)

    def deploy(self) -> dict[str, str]:
        """Deploy the assembly; returns the stack's outputs."""
        outputs = self.folder / "outputs.json"
        outputs.unlink(missing_ok=True)
        self.cdk.run(
            "deploy", "deploy", STACK_NAME, "--app", str(self._assembly), "--require-approval", "never",
            "--outputs-file", str(outputs), within=300,
        )  # fmt: skip
        made: dict[str, Any] = json.loads(outputs.read_text())
        return {key: str(value) for key, value in made[STACK_NAME].items()}
