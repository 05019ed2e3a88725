"""`make security`: every scanner over code and templates, one line each.

A finding that was looked at and settled is waived where it stands: `# nosec` in the code, infrastructure/waivers.py for
cdk-nag, and below for what is wrong with a whole rule. Nothing here asks a network.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from infrastructure.packaging.contents import ROOT
from infrastructure.review import permissions, rules
from infrastructure.review.template import Template, flags

CODE = ("app.py", "chatflow_cli", "functions", "infrastructure", "layers/chatflow/python", "layers/thumbnails", "local")
NOT_BANDIT = {
    "B101": "an assertion tells the type checker what is known, and guards nothing; ruff asks for a reason at each",
    "B105": "words such as `token` beside an empty or a test's text; `secrets in files` looks for real ones",
    "B106": "as B105",
    "B107": "as B105",
    "B404": "importing subprocess is no finding; how it is called is looked at (B602, B605, B609)",
    "B603": "a call without a shell is the safe one",
    "B607": "ps and the CDK are found on the PATH of who runs the local stack",
}
NOT_CFN_LINT = {"W3005": "the CDK names some dependencies that CloudFormation would see by itself"}
_SECRETS = re.compile(
    r"AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|-----BEGIN (?:RSA |EC |OPENSSH |PGP )?PRIVATE KEY|\bEAA[A-Za-z0-9]{60,}"
    r"|xox[abprs]-[0-9A-Za-z-]{20,}|gh[pousr]_[A-Za-z0-9]{36}|\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b"
)
_MADE_UP = re.compile(r"AKIA(?:IOSFODNN7EXAMPLE|X{16})")  # AWS's own example
STAGES: Mapping[str, Mapping[str, str]] = {
    "dev": {"stage": "dev"},
    "dev with a key": {"stage": "dev", "kms": "true"},
    "dev with GuardDuty": {"stage": "dev", "malware_scanning": "guardduty"},
    "prod": {"stage": "prod"},
}


@dataclass(frozen=True)
class Check:
    """One scanner: what it looked at is part of its answer. Findings are lines for a person."""

    name: str
    look: Callable[[], tuple[str, list[str]]]


def run(checks: Sequence[Check]) -> int:
    """Print one line a check, and its findings beneath. Returns 1 when there is any."""
    found = 0
    for check in checks:
        looked_at, findings = check.look()
        print(f"{check.name:<18} {looked_at:<66} {f'{len(findings)} findings' if findings else 'ok'}", flush=True)
        for finding in findings:
            print(f"    {finding}")
        found += len(findings)
    print(
        "dependency audit   not run: known tools ask a vulnerability service; without one they say `none found`, which "
        "would be a lie.\n                   Where there is one: pip-audit -r requirements.txt"
    )
    return 1 if found else 0


def bandit() -> tuple[str, list[str]]:
    """Python's usual mistakes."""
    places = [place for place in CODE if (ROOT / place).exists()]
    run = _tool("bandit", "-q", "-r", *places, "-f", "json", "-s", ",".join(NOT_BANDIT))
    told = json.loads(run.stdout)
    findings = [
        f"{each['filename']}:{each['line_number']} {each['test_id']} {each['issue_text']}" for each in told["results"]
    ]
    findings += [f"{each['filename']}: {each['reason']}" for each in told["errors"]]
    count = sum(1 for name in told["metrics"] if name != "_totals")
    return f"{count} files of {', '.join(place.partition('/')[0] for place in places)}", findings


def nag() -> tuple[str, list[str]]:
    """The rule packs that stop a synth, over every kind of stack."""
    findings = [f"{stage}: {found}" for stage, made in _synthesized().items() for found in made.findings]
    return f"templates of {', '.join(STAGES)} (AwsSolutions, Serverless)", findings


def cfn_lint() -> tuple[str, list[str]]:
    """What CloudFormation would refuse."""
    paths = [str(made.path) for made in _synthesized().values() if made.path]
    with ThreadPoolExecutor(max_workers=2) as pool:
        told = list(pool.map(_lint, paths))
    return f"templates of {', '.join(STAGES)}", [finding for findings in told for finding in findings]


def _lint(path: str) -> list[str]:
    run = _tool("cfn-lint", "-t", path, "-i", *NOT_CFN_LINT, "-f", "json")
    return [
        f"{each['Location']['Path'] and '/'.join(map(str, each['Location']['Path']['Path'] or []))}: "
        f"{each['Rule']['Id']} {each['Message']}"
        for each in json.loads(run.stdout or "[]")
    ]


def own_rules() -> tuple[str, list[str]]:
    """What this project promises of its templates."""
    findings = [f"{stage}: {found}" for stage, made in _synthesized().items() for found in rules.broken(made.template)]
    return f"{len(rules.RULES)} rules on templates of {', '.join(STAGES)}", findings


def permissions_page() -> tuple[str, list[str]]:
    """Whether the page that was reviewed is the one that the template would make."""
    made = _synthesized()
    wanted = permissions.document(made["dev"].template, also=made["dev with a key"].template).splitlines()
    written = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8").splitlines()
    new = [f"not reviewed: {line}" for line in wanted if line not in written]
    gone = [f"no longer so: {line}" for line in written if line not in wanted]
    return f"docs/permissions.md, {len(permissions.lines(made['dev'].template))} permissions", new + gone


def secrets_in_files() -> tuple[str, list[str]]:
    """Keys and tokens of AWS, Meta, Slack, GitHub, Telegram, and private keys, in whatever git keeps."""
    names = _kept_by_git()
    findings = [f"{name}:{line}" for name in names for line in _secret_lines(ROOT / name)]
    return f"{len(names)} files that git keeps", findings


def pins() -> tuple[str, list[str]]:
    """Every package by its hash, from no address of its own: what is installed is what was looked at."""
    paths = [name for name in _kept_by_git() if re.fullmatch(r"(?:.*/)?requirements[^/]*\.txt", name)]
    count, findings = 0, []
    for name in paths:
        text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
        for line in filter(None, map(str.strip, text.splitlines())):
            if line.startswith("#"):
                continue
            count += 1
            if not re.match(r"[a-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line) or "://" in line:
                findings.append(f"{name}: {line[:80]}")
    return f"{count} pinned packages in {len(paths)} files", findings


CHECKS = (
    Check("bandit", bandit),
    Check("cdk-nag", nag),
    Check("cfn-lint", cfn_lint),
    Check("own rules", own_rules),
    Check("permissions", permissions_page),
    Check("secrets in files", secrets_in_files),
    Check("pins", pins),
)


@dataclass(frozen=True)
class Synthesized:
    """What one synth with cdk-nag came to. A synth that broke has no template, and says why in its findings."""

    path: Path | None
    template: Template
    findings: tuple[str, ...]


@cache
def _synthesized() -> Mapping[str, Synthesized]:
    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(STAGES, pool.map(_synth, STAGES.values()), strict=True))


def _synth(context: Mapping[str, str]) -> Synthesized:
    """app.py, as the CDK's command line runs it; half a minute."""
    folder = Path(mkdtemp(prefix="chatflow-security-"))
    told = {"CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": json.dumps({**flags(), **context})}
    run = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **told}, capture_output=True, text=True, check=False
    )
    report = folder / "validation-report.json"
    plugins = json.loads(report.read_text(encoding="utf-8"))["pluginReports"] if report.exists() else []
    findings = [
        f"{each['ruleName']} {', '.join(place['constructPath'] for place in each['violatingConstructs'])}"
        for plugin in plugins
        for each in plugin["violations"]
    ]
    path = next(folder.glob("*.template.json"), None)
    if path is None or (run.returncode and not findings):
        findings.append(run.stderr.strip().splitlines()[-1] if run.stderr.strip() else "the synth broke")
    template = json.loads(path.read_text(encoding="utf-8")) if path else {"Resources": {}}
    return Synthesized(path, template, tuple(findings))


def _secret_lines(path: Path) -> Iterator[int]:
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return
    for number, line in enumerate(text.splitlines(), 1):
        if any(not _MADE_UP.match(found[0]) for found in _SECRETS.finditer(line)):
            yield number


def _kept_by_git() -> list[str]:
    run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    return [name for name in run.stdout.split("\0") if name]


def _tool(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A scanner that is installed beside Python; its exit code only repeats that it found something."""
    return subprocess.run(
        [str(Path(sys.executable).parent / name), *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
