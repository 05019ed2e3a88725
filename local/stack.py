"""The local stack as a whole: up, down, and how it is."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from chatflow_cli.connect import local_api_url
from local.administrators import make_admin, new_password
from local.cdk import Cdk
from local.connecting import connect_handset, store_secrets
from local.deployment import STACK_NAME, STAGE, Deployment
from local.description import FOLDER, Description
from local.emulator.serving import Emulator, default_environments
from local.fingerprints import fingerprint
from local.processes import Part, free_port
from local.progress import Progress, Silence

ADMIN = "admin@example.com"
_TEMPORARY = ("emulator-tmp", "cdk-tmp", "business", "handset", "stack.json", "outputs.json")


@dataclass
class LocalStack:
    """One stack in one folder. Ports and the synthesized app are kept there, so that a second start is quick."""

    folder: Path = FOLDER
    environments: int = field(default_factory=default_environments)
    said: Mapping[str, str] = field(default_factory=dict)  # of the deployment, beside what makes it a local one
    _cdk: Cdk = field(init=False)

    def __post_init__(self) -> None:
        self._cdk = Cdk(self.folder)

    @property
    def emulator(self) -> Emulator:
        return Emulator(self.folder, self.environments)

    @property
    def business(self) -> Part:
        return Part("business", "local.business", self.folder)

    @property
    def handset(self) -> Part:
        return Part("handset", "local.handset", self.folder)

    def running(self) -> dict[str, bool]:
        """Which parts live."""
        return {
            "emulator": self.emulator.running(),
            "handset": self.handset.running(),
            "business": self.business.running(),
        }

    def description(self) -> Description | None:
        """What runs where, if all of it runs."""
        return Description.load(self.folder) if all(self.running().values()) else None

    def up(self, progress: Progress | None = None) -> Description:
        """Start everything anew and deploy; whatever goes wrong, nothing is left behind."""
        self.down()
        self.folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as undo:
            undo.callback(self.down)
            stack = self._start(progress or Silence())
            undo.pop_all()
        return stack

    def down(self) -> None:
        """End every part that this folder knows, also of a stack that was killed, and remove what it left."""
        self._cdk.end()
        self._cdk = Cdk(self.folder)
        self.handset.end()
        self.business.end()
        self.emulator.stop()
        for name in _TEMPORARY:
            path = self.folder / name
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _start(self, progress: Progress) -> Description:
        ports = self._ports()
        # Tokens are hexadecimal: they are handed over on command lines, where one that begins with "-" is an option.
        stack = Description(
            stack_name=STACK_NAME,
            fingerprint=fingerprint(),
            aws_endpoint_url="",
            handset_url=f"http://127.0.0.1:{ports['handset']}",
            business_url=f"http://127.0.0.1:{ports['business']}",
            app_secret=secrets.token_hex(16),
            verify_token=secrets.token_hex(24),
            access_token=f"EAA{secrets.token_hex(32)}",
            phone_number_id="106540352242922",
            claims_token=secrets.token_hex(24),
            admin_user=ADMIN,
            admin_password=new_password(),
        )
        deployment = Deployment(self.folder, self._cdk, {**self.said, **_context(stack)})
        with ThreadPoolExecutor(3) as pool, contextlib.ExitStack() as interrupted:
            # Left by an exception, the pool waits for its threads, and they wait for cdk.
            interrupted.callback(self._cdk.end)
            synthesized = pool.submit(_synthesize, deployment, progress)
            helpers = pool.submit(self._start_helpers, stack, progress)
            with progress.step("AWS emulator") as step:
                stack.aws_endpoint_url = step.detail = self.emulator.start()
                self._cdk.at(stack.aws_endpoint_url)
            with progress.step("Bootstrap the account"):
                deployment.bootstrap()
            helpers.result()
            synthesized.result()
            with progress.step(f"Deploy {STACK_NAME}"):
                stack.outputs = deployment.deploy()
            interrupted.pop_all()
        with progress.step("Connect the handset") as step:
            stack.api_url = local_api_url(stack.aws_endpoint_url, stack.outputs["ApiUrl"])
            stack.webhook_url = f"{stack.api_url}/webhooks/whatsapp"
            store_secrets(stack)
            connect_handset(stack)
            step.detail = "handshake passed"
        with progress.step("Make an administrator") as step:
            stack.management_url = f"{stack.api_url}{urlsplit(stack.outputs['ManagementUrl']).path}"
            make_admin(stack)
            step.detail = stack.admin_user
        stack.save(self.folder)
        return stack

    def _start_helpers(self, stack: Description, progress: Progress) -> None:
        with progress.step("Business system") as step:
            started = self.business.start(
                "--port", str(urlsplit(stack.business_url).port), "--data", str(self.folder / "business"),
                "--documents", str(self.folder / "documents"), "--token", stack.claims_token,
            )  # fmt: skip
            stack.business_url = step.detail = self.business.announcement(started)["url"]
        with progress.step("Handset") as step:
            started = self.handset.start(
                "--port", str(urlsplit(stack.handset_url).port), "--app-secret", stack.app_secret,
                "--verify-token", stack.verify_token, "--access-token", stack.access_token,
                "--phone-number-id", stack.phone_number_id, "--data", str(self.folder / "handset"),
            )  # fmt: skip
            stack.handset_url = step.detail = self.handset.announcement(started)["url"]

    def _ports(self) -> dict[str, int]:
        """The ports of last time where they are free: addresses stand in the template, so new ones mean a new synth."""
        file = self.folder / "ports.json"
        kept: dict[str, int] = {}
        with contextlib.suppress(FileNotFoundError, ValueError):
            kept = json.loads(file.read_text())
        ports = {name: kept[name] if _is_free(kept.get(name, 0)) else free_port() for name in ("handset", "business")}
        file.write_text(json.dumps(ports))
        return ports


def _synthesize(deployment: Deployment, progress: Progress) -> None:
    with progress.step("Synthesize the app") as step:
        step.detail = "" if deployment.synthesize() else "nothing changed"


def _context(stack: Description) -> dict[str, str]:
    internal = [urlsplit(url).netloc for url in (stack.handset_url, stack.business_url)]
    return {
        "stage": STAGE,
        "target": "local",
        "channel_url_whatsapp": f"{stack.handset_url}/v23.0",
        "deployment_business_url": stack.business_url,
        "private_hosts": ",".join(internal),
    }


def _is_free(port: int) -> bool:
    if not port:
        return False
    with socket.socket() as probe:
        # As servers do: a port whose last connections still linger is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
