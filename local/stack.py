"""Starts, stops and describes the local stack as a whole."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import socket
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from chatflow_cli.channels.deployment import local_api_url
from local.cdk import Cdk
from local.channel_setup import connect_telegram, connect_webhook, propose_keywords, store_secrets
from local.deployment import STACK_NAME, STAGE, Deployment, source_fingerprint
from local.description import FOLDER, Description
from local.emulator.process import Emulator, default_environments
from local.processes import BackgroundProcess, free_port
from local.progress import NoProgress, Progress
from local.user_pool import create_administrator, new_password

ADMIN = "admin@example.com"
BOT_ID = "7012345678"
_TEMPORARY = ("emulator-tmp", "cdk-tmp", "business", "handset", "telegram", "stack.json", "outputs.json")


@dataclass
class LocalStack:
    """One stack in one folder. The folder caches ports and the synthesized app, so that the next start is quick.

    `environments` is the maximum of processes per Lambda function. `context` is CDK context in addition to the values
    that make a deployment local.
    """

    folder: Path = FOLDER
    environments: int = field(default_factory=default_environments)
    context: Mapping[str, str] = field(default_factory=dict)
    _cdk: Cdk = field(init=False)

    def __post_init__(self) -> None:
        self._cdk = Cdk(self.folder)

    @property
    def emulator(self) -> Emulator:
        return Emulator(self.folder, self.environments)

    @property
    def business_api(self) -> BackgroundProcess:
        return BackgroundProcess("business", "local.business_api", self.folder)

    @property
    def whatsapp_simulator(self) -> BackgroundProcess:
        return BackgroundProcess("handset", "local.whatsapp_simulator", self.folder)

    @property
    def telegram_simulator(self) -> BackgroundProcess:
        return BackgroundProcess("telegram", "local.telegram_simulator", self.folder)

    @property
    def console_server(self) -> BackgroundProcess:
        return BackgroundProcess("console", "local.console_server", self.folder)

    def running(self) -> dict[str, bool]:
        """Whether each process runs, by its public name."""
        return {
            "emulator": self.emulator.is_running(),
            "handset": self.whatsapp_simulator.is_running(),
            "telegram": self.telegram_simulator.is_running(),
            "business": self.business_api.is_running(),
            "console": self.console_server.is_running(),
        }

    def description(self) -> Description | None:
        """The description of the stack; None unless all of it runs."""
        return Description.load(self.folder) if all(self.running().values()) else None

    def up(self, progress: Progress | None = None) -> Description:
        """Stop what runs, start everything and deploy; a failed start is undone completely."""
        self.down()
        self.folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as undo:
            undo.callback(self.down)
            stack = self._start(progress or NoProgress())
            undo.pop_all()
        return stack

    @contextmanager
    def running_or_started(self, progress: Progress | None = None) -> Iterator[Description]:
        """The stack that runs, or one that is started now and stopped after the block."""
        if description := self.description():
            yield description
            return
        try:
            yield self.up(progress)
        finally:
            self.down()

    def down(self) -> None:
        """Stop every process of this folder, also of a stack that was killed, and remove its temporary files."""
        self._cdk.stop()
        self._cdk = Cdk(self.folder)
        self.whatsapp_simulator.stop()
        self.telegram_simulator.stop()
        self.business_api.stop()
        self.console_server.stop()
        self.emulator.stop()
        for name in _TEMPORARY:
            path = self.folder / name
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _start(self, progress: Progress) -> Description:
        ports = self._ports()
        # Tokens are hexadecimal: on a command line, a token that begins with "-" would be parsed as an option.
        stack = Description(
            stack_name=STACK_NAME,
            fingerprint=source_fingerprint(),
            aws_endpoint_url="",
            handset_url=f"http://127.0.0.1:{ports['handset']}",
            business_url=f"http://127.0.0.1:{ports['business']}",
            telegram_url=f"http://127.0.0.1:{ports['telegram']}",
            console_url=f"http://127.0.0.1:{ports['console']}",
            app_secret=secrets.token_hex(16),
            verify_token=secrets.token_hex(24),
            access_token=f"EAA{secrets.token_hex(32)}",
            phone_number_id="106540352242922",
            claims_token=secrets.token_hex(24),
            telegram_bot_id=BOT_ID,
            telegram_bot_token=f"{BOT_ID}:AA{secrets.token_hex(16)}",
            admin_user=ADMIN,
            admin_password=new_password(),
        )
        # As many turns as the emulator runs at once: what may be inside calls to one host is a part of them.
        turns = {"concurrency": str(max(2, self.environments))}
        deployment = Deployment(self.folder, self._cdk, {**turns, **self.context, **_local_context(stack)})
        with ThreadPoolExecutor(3) as pool, contextlib.ExitStack() as on_error:
            # On an exception, the pool waits for its threads, and they wait for cdk.
            on_error.callback(self._cdk.stop)
            synthesized = pool.submit(_synthesize, deployment, progress)
            stand_ins = pool.submit(self._start_stand_ins, stack, progress)
            with progress.step("AWS emulator") as step:
                stack.aws_endpoint_url = step.detail = self.emulator.start()
                self._cdk.set_endpoint(stack.aws_endpoint_url)
            with progress.step("Bootstrap the account"):
                deployment.bootstrap()
            stand_ins.result()
            synthesized.result()
            with progress.step(f"Deploy {STACK_NAME}"):
                stack.outputs = deployment.deploy()
            on_error.pop_all()
        with progress.step("Connect the handset") as step:
            stack.api_url = local_api_url(stack.aws_endpoint_url, stack.outputs["ApiUrl"])
            stack.webhook_url = f"{stack.api_url}/webhooks/whatsapp/{stack.phone_number_id}"
            store_secrets(stack)
            connect_webhook(stack)
            propose_keywords(stack)
            step.detail = "handshake passed"
        with progress.step("Connect the bot") as step:
            connect_telegram(stack)
            step.detail = "webhook set"
        with progress.step("Make an administrator") as step:
            stack.management_url = f"{stack.api_url}{urlsplit(stack.outputs['ManagementUrl']).path}"
            create_administrator(stack)
            step.detail = stack.admin_user
        stack.save(self.folder)
        return stack

    def _start_stand_ins(self, stack: Description, progress: Progress) -> None:
        with progress.step("Business system") as step:
            started = self.business_api.start(
                "--port", str(urlsplit(stack.business_url).port), "--data", str(self.folder / "business"),
                "--documents", str(self.folder / "documents"), "--token", stack.claims_token,
            )  # fmt: skip
            stack.business_url = step.detail = self.business_api.wait_for_address(started)["url"]
        with progress.step("Handset") as step:
            started = self.whatsapp_simulator.start(
                "--port", str(urlsplit(stack.handset_url).port), "--app-secret", stack.app_secret,
                "--verify-token", stack.verify_token, "--access-token", stack.access_token,
                "--phone-number-id", stack.phone_number_id, "--data", str(self.folder / "handset"),
            )  # fmt: skip
            stack.handset_url = step.detail = self.whatsapp_simulator.wait_for_address(started)["url"]
        with progress.step("Telegram") as step:
            started = self.telegram_simulator.start(
                "--port", str(urlsplit(stack.telegram_url).port), "--token", stack.telegram_bot_token,
                "--data", str(self.folder / "telegram"),
            )  # fmt: skip
            stack.telegram_url = step.detail = self.telegram_simulator.wait_for_address(started)["url"]
        with progress.step("Web console") as step:
            started = self.console_server.start(
                "--port", str(urlsplit(stack.console_url).port), "--stack", str(self.folder)
            )
            stack.console_url = step.detail = self.console_server.wait_for_address(started)["url"]

    def _ports(self) -> dict[str, int]:
        """The ports of the last start where they are free. The template contains them, so new ones need a new synth."""
        file = self.folder / "ports.json"
        previous: dict[str, int] = {}
        with contextlib.suppress(FileNotFoundError, ValueError):
            previous = json.loads(file.read_text())
        ports = {
            name: previous[name] if _is_free(previous.get(name, 0)) else free_port()
            for name in ("handset", "telegram", "business", "console")
        }
        file.write_text(json.dumps(ports))
        return ports


def _synthesize(deployment: Deployment, progress: Progress) -> None:
    with progress.step("Synthesize the app") as step:
        step.detail = "" if deployment.synthesize() else "nothing changed"


def _local_context(stack: Description) -> dict[str, str]:
    internal = [urlsplit(url).netloc for url in (stack.handset_url, stack.telegram_url, stack.business_url)]
    return {
        "stage": STAGE,
        "target": "local",
        "console": stack.console_url,
        "channel_url_whatsapp": f"{stack.handset_url}/{{version}}",
        "channel_url_telegram": stack.telegram_url,
        "deployment_business_url": stack.business_url,
        "private_hosts": ",".join(internal),
    }


def _is_free(port: int) -> bool:
    if not port:
        return False
    with socket.socket() as probe:
        # Like the servers, accept a port whose last connections are still in TIME_WAIT.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
