"""Measures a warm photo message beside Node-RED, in turns: processor time of whole processes, for each message.

Both get a webhook, check its signature, download the photo, check and hash it, upload it as multipart to the business,
and reply; over TLS, to the same server. Chatflow also does what Node-RED does not: it queues the event, stores the
file, and records each step in DynamoDB, so that nothing is lost or doubled. Node-RED keeps its connections alive. It is
installed from npm into build/; its figures are left out where that is not possible.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from infrastructure.packaging.contents import ROOT
from local.processes import free_port
from tests.benchmarks.deployed import CREDENTIALS, deployed
from tests.benchmarks.events import photo_handed_over
from tests.benchmarks.figures import Figure
from tests.benchmarks.lambdas import Lambdas, lambdas_over_tls
from tests.fakes.aws_over_tls import AwsOverTls
from tests.fakes.certificates import HOST

VERSION: Final = "4.1.8"
SIZES: Final = {"6 KB": 6_000, "2 MB": 2_000_000}
_FOLDER: Final = ROOT / "build" / f"node-red-{VERSION}"
_MESSAGES: Final = 40  # of a round, of each
_WARMING: Final = 30  # messages of Node-RED before the first round: its code is compiled while it runs
_TICKS: Final = os.sysconf("SC_CLK_TCK")

_CHECK_SIGNATURE: Final = """
const body = JSON.stringify(msg.payload);
const signature = 'sha256=' + global.get('crypto').createHmac('sha256', %(secret)s).update(body).digest('hex');
if (msg.req.headers['x-hub-signature-256'] !== signature) { return null; }
msg.photo = msg.payload.entry[0].changes[0].value.messages[0];
msg.url = msg.photo.image.url;
msg.headers = {Authorization: 'Bearer t'};
msg.method = 'GET';
return msg;
"""
_CHECK_FILE: Final = """
const file = msg.payload;
if (file.length > 5000000 || file.readUInt16BE(0) !== 0xffd8) { return null; }
msg.sha256 = global.get('crypto').createHash('sha256').update(file).digest('hex');
msg.url = %(business)s;
msg.headers = {'content-type': 'multipart/form-data', Authorization: 'Bearer t'};
msg.payload = {plate: 'B AB 77', file: {value: file, options: {filename: 'photo.jpg', contentType: 'image/jpeg'}}};
return msg;
"""
_REPLY: Final = """
msg.url = %(channel)s;
msg.headers = {'content-type': 'application/json', Authorization: 'Bearer t'};
msg.payload = {messaging_product: 'whatsapp', to: msg.photo.from, type: 'text',
    text: {body: 'Thank you. Your claim is ' + msg.payload.claim.id + '.'}};
return msg;
"""


def measure(rounds: int) -> list[Figure]:
    if problem := _install():
        print(f"Node-RED is left out: {problem}", file=sys.stderr)  # noqa: T201
        return []
    figures = []
    with lambdas_over_tls(deployed().stored) as lambdas, running(lambdas.server) as node_red:
        for name, size in SIZES.items():
            node_red.handle(_WARMING, size)
            samples = [(_of_chatflow(lambdas, size), node_red.handle(_MESSAGES, size)) for _ in range(rounds)]
            ratios = tuple(ours / theirs for ours, theirs in samples)
            figures.append(Figure(f"warm photo message, {name}", 1, "x Node-RED", ratios))
            figures += [
                Figure(f"warm photo message, {name}: {who}", None, "ms", tuple(1000 * each[place] for each in samples))
                for place, who in enumerate(("Chatflow", "Node-RED"))
            ]
    return figures


def _of_chatflow(lambdas: Lambdas, size: int) -> float:
    """The processor time of a message in seconds: of the five functions that it passes, each warm."""
    runs = [lambdas.run(function, others=_MESSAGES) for function in photo_handed_over(size)]
    return sum(statistics.mean(run.others) for run in runs)


class NodeRed:
    """A running Node-RED with the flow."""

    def __init__(self, process: int, url: str, server: AwsOverTls) -> None:
        self._process = process
        self._url = url
        self._server = server

    def handle(self, messages: int, size: int) -> float:
        """Handle so many messages, one after the other; returns the processor time of one in seconds."""
        self._server.seen()
        before = self._processor_time()
        for number in range(messages):
            self._handle(number, size)
        taken = self._processor_time() - before
        assert self._server.seen().operations == ["channel:GET", "business:POST", "channel:POST"] * messages
        return taken / messages

    def _handle(self, number: int, size: int) -> None:
        image = {"id": "m1", "mime_type": "image/jpeg", "url": f"https://{self._server.host('channel')}/file/{size}"}
        message = {"from": "16505551235", "id": f"wamid.{number}", "timestamp": "1", "type": "image", "image": image}
        change = {"field": "messages", "value": {"messages": [message]}}
        entry = {"id": "102290129340398", "changes": [change]}
        content = {"object": "whatsapp_business_account", "entry": [entry]}
        body = json.dumps(content, separators=(",", ":")).encode()
        signature = hmac.new(CREDENTIALS["app_secret"].encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}
        request = urllib.request.Request(self._url, body, headers)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
            assert answer.status == 200

    def _processor_time(self) -> float:
        """User and system, of all threads: fields 14 and 15 of /proc/<pid>/stat."""
        fields = Path(f"/proc/{self._process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def running(server: AwsOverTls) -> Iterator[NodeRed]:
    """Node-RED with the flow, which reaches this server, until the end of the block."""
    port, folder = free_port(), server.certificates.server.parent / "node-red"
    folder.mkdir()
    (folder / "root.pem").write_text(server.certificates.authority)
    (folder / "flows.json").write_text(json.dumps(_flow(server)))
    (folder / "settings.js").write_text(
        f"module.exports = {{uiHost: '{HOST}', uiPort: {port}, httpAdminRoot: false, flowFile: 'flows.json', "
        "credentialSecret: false, telemetry: {enabled: false}, logging: {console: {level: 'warn'}}, "
        "functionGlobalContext: {crypto: require('crypto')}};\n"
    )
    command = ["node", str(_FOLDER / "node_modules/node-red/red.js"), "--userDir", str(folder)]
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(folder / "root.pem")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
        try:
            _until_ready(f"http://{HOST}:{port}/ready", process)
            yield NodeRed(process.pid, f"http://{HOST}:{port}/webhook", server)
        finally:
            process.terminate()
            process.wait(20)


def _flow(server: AwsOverTls) -> list[dict[str, Any]]:
    channel, business = server.host("channel"), server.host("business")
    values = {
        "secret": json.dumps(CREDENTIALS["app_secret"]),
        "channel": json.dumps(f"https://{channel}/v1/messages"),
        "business": json.dumps(f"https://{business}/files"),
    }

    def node(id: str, type: str, to: str, **more: Any) -> dict[str, Any]:
        return {"id": id, "z": "tab", "type": type, "name": "", "wires": [[to]] if to else [], **more}

    def function(id: str, code: str, to: str) -> dict[str, Any]:
        return node(id, "function", to, func=code % values, outputs=1, timeout=0, noerr=0, initialize="", finalize="")

    def request(id: str, method: str, answer: str, to: str) -> dict[str, Any]:
        call = {"method": method, "ret": answer, "paytoqs": "ignore", "url": "", "tls": "", "persist": True}
        return node(id, "http request", to, **call, proxy="", authType="", senderr=False, headers=[])

    return [
        {"id": "tab", "type": "tab", "label": "photo", "disabled": False},
        node("ready", "http in", "answer", url="/ready", method="get", upload=False),
        node("webhook", "http in", "signature", url="/webhook", method="post", upload=False),
        function("signature", _CHECK_SIGNATURE, "download"),
        request("download", "GET", "bin", "check"),
        function("check", _CHECK_FILE, "upload"),
        request("upload", "POST", "obj", "reply"),
        function("reply", _REPLY, "send"),
        request("send", "POST", "obj", "answer"),
        node("answer", "http response", "", statusCode="200", headers={}),
    ]


def _install() -> str:
    """Install Node-RED unless it is there; returns why it could not be, "" when it is there."""
    if (_FOLDER / "node_modules/node-red/red.js").is_file():
        return ""
    if shutil.which("npm") is None:
        return "npm was not found"
    _FOLDER.mkdir(parents=True, exist_ok=True)
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--loglevel", "error")
    command = ["npm", "install", "--prefix", str(_FOLDER), *quiet, f"node-red@{VERSION}"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if run.returncode == 0 else f"npm could not install it: {run.stderr.strip().splitlines()[:1]}"


def _until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - loopback
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("Node-RED did not start")
