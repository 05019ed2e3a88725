"""Deploys the app onto the emulator with the same commands as onto AWS."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.cdk import ROOT, Cdk
from local.emulator.client import ACCOUNT, REGION

STAGE = "local"
STACK_NAME = f"Chatflow-{STAGE}"
SOURCES = ("app.py", "cdk.json", "package-lock.json", "infrastructure", "functions", "layers", "flows")


def source_fingerprint(*more: str) -> str:
    """A hash of every file that synth reads, and of `more`."""
    digest = hashlib.sha256()
    for source in SOURCES:
        for file in sorted(_files(ROOT / source)):
            digest.update(f"{file.relative_to(ROOT)}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    for text in more:
        digest.update(f"\0{text}".encode())
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts]


@dataclass(frozen=True)
class Deployment:
    """A deployment into one emulator. The folder caches its assembly, which is replaced when sources change."""

    folder: Path
    cdk: Cdk
    context: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """A hash of the sources and the context."""
        return source_fingerprint(*(f"{key}={value}" for key, value in sorted(self.context.items())))

    @property
    def _assembly(self) -> Path:
        return self.folder / "cdk.out"

    def synthesize(self) -> bool:
        """Create the assembly; returns False when the existing one is up to date."""
        cached = self.folder / "cdk.out.fingerprint"
        current = self.fingerprint
        if self._assembly.is_dir() and cached.exists() and cached.read_text() == current:
            return False
        cached.unlink(missing_ok=True)
        shutil.rmtree(self._assembly, ignore_errors=True)
        context = [argument for key, value in self.context.items() for argument in ("-c", f"{key}={value}")]
        # The first synth on a machine builds the layers, which takes long.
        self.cdk.run("synth", "synth", "--quiet", "--output", str(self._assembly), *context, within=600)
        cached.write_text(current)
        return True

    def bootstrap(self) -> None:
        """Prepare the emulator for deployments, as every AWS account is once."""
        self.cdk.run("bootstrap", "bootstrap", f"aws://{ACCOUNT}/{REGION}", within=120, folder=self.folder)

    def deploy(self) -> dict[str, str]:
        """Deploy the assembly; returns the stack's outputs."""
        outputs_file = self.folder / "outputs.json"
        outputs_file.unlink(missing_ok=True)
        self.cdk.run(
            "deploy", "deploy", STACK_NAME, "--app", str(self._assembly), "--require-approval", "never",
            "--outputs-file", str(outputs_file), within=300,
        )  # fmt: skip
        outputs: dict[str, Any] = json.loads(outputs_file.read_text())
        return {key: str(value) for key, value in outputs[STACK_NAME].items()}
