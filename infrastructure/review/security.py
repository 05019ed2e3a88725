"""`make security`: every scanner over code and templates, one line each.

A finding that was reviewed and accepted is waived where it occurs: `# nosec` in the code, `nag.waive` in the construct
for cdk-nag, and below where a whole rule does not apply. No check uses the network.
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
from tempfile import TemporaryDirectory, mkdtemp

from infrastructure.packaging.contents import ROOT
from infrastructure.review import permissions, rules
from infrastructure.review.template import Template, flags, synthesized

CODE = ("app.py", "chatflow_cli", "functions", "infrastructure", "layers/chatflow/python", "layers/thumbnails", "local")
SKIPPED_BANDIT_RULES = {
    "B101": "an assertion informs the type checker, and checks no input; ruff demands a reason at each",
    "B105": "words such as `token` beside an empty or a test's text; `secrets in files` looks for real ones",
    "B106": "as B105",
    "B107": "as B105",
    "B404": "importing subprocess is no finding; other rules check how it is called (B602, B605, B609)",
    "B603": "a call without a shell is the safe one",
    "B607": "ps and the CDK are found on the PATH of the user of the local stack",
}
SKIPPED_CFN_LINT_RULES = {"W3005": "the CDK writes some dependencies that CloudFormation would derive itself"}
_SECRETS = re.compile(
    r"AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|-----BEGIN (?:RSA |EC |OPENSSH |PGP )?PRIVATE KEY|\bEAA[A-Za-z0-9]{60,}"
    r"|xox[abprs]-[0-9A-Za-z-]{20,}|gh[pousr]_[A-Za-z0-9]{36}|\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b"
)
_EXAMPLE_KEYS = re.compile(r"AKIA(?:IOSFODNN7EXAMPLE|X{16})")  # AWS's own example
STAGES: Mapping[str, Mapping[str, str]] = {
    "dev": {"stage": "dev"},
    "dev with a key": {"stage": "dev", "kms": "true"},
    "dev with GuardDuty": {"stage": "dev", "malware_scanning": "guardduty"},
    "prod": {"stage": "prod"},
}


@dataclass(frozen=True)
class Check:
    """One scanner. `scan` returns what it covered and the findings, one line each."""

    name: str
    scan: Callable[[], tuple[str, list[str]]]


def run_checks(checks: Sequence[Check]) -> int:
    """Print one line for each check, and its findings beneath. Returns 1 when there is any finding."""
    count = 0
    for check in checks:
        scope, findings = check.scan()
        print(f"{check.name:<18} {scope:<66} {f'{len(findings)} findings' if findings else 'ok'}", flush=True)
        for finding in findings:
            print(f"    {finding}")
        count += len(findings)
    print(
        "dependency audit   not run: the tools need a vulnerability service; without one they report `none found`, "
        "which proves nothing.\n                   Where there is one: pip-audit -r requirements.txt"
    )
    return 1 if count else 0


def bandit() -> tuple[str, list[str]]:
    """Common security defects in Python code."""
    places = [place for place in CODE if (ROOT / place).exists()]
    run = _tool("bandit", "-q", "-r", *places, "-f", "json", "-s", ",".join(SKIPPED_BANDIT_RULES))
    report = json.loads(run.stdout)
    findings = [
        f"{each['filename']}:{each['line_number']} {each['test_id']} {each['issue_text']}" for each in report["results"]
    ]
    findings += [f"{each['filename']}: {each['reason']}" for each in report["errors"]]
    count = sum(1 for name in report["metrics"] if name != "_totals")
    return f"{count} files of {', '.join(place.partition('/')[0] for place in places)}", findings


def nag() -> tuple[str, list[str]]:
    """The rule packs that stop a synth, over every variant of the stack."""
    findings = [f"{stage}: {finding}" for stage, synth in _synthesized().items() for finding in synth.findings]
    return f"templates of {', '.join(STAGES)} (AwsSolutions, Serverless)", findings


def cfn_lint() -> tuple[str, list[str]]:
    """What CloudFormation would refuse."""
    paths = [str(synth.path) for synth in _synthesized().values() if synth.path]
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(_lint, paths))
    return f"templates of {', '.join(STAGES)}", [finding for findings in results for finding in findings]


def _lint(path: str) -> list[str]:
    run = _tool("cfn-lint", "-t", path, "-i", *SKIPPED_CFN_LINT_RULES, "-f", "json")
    return [
        f"{each['Location']['Path'] and '/'.join(map(str, each['Location']['Path']['Path'] or []))}: "
        f"{each['Rule']['Id']} {each['Message']}"
        for each in json.loads(run.stdout or "[]")
    ]


def own_rules() -> tuple[str, list[str]]:
    """The rules of this project for its templates."""
    findings = [
        f"{stage}: {violation}"
        for stage, synth in _synthesized().items()
        for violation in rules.violations(synth.template)
    ]
    return f"{len(rules.RULES)} rules on templates of {', '.join(STAGES)}", findings


def permissions_page() -> tuple[str, list[str]]:
    """Whether the reviewed page is the one that the template generates."""
    stacks = _synthesized()

    def synth(**context: str) -> Template:
        known = next((name for name, stage in STAGES.items() if stage == context), None)
        if known:
            return stacks[known].template
        with TemporaryDirectory() as folder:
            return synthesized(Path(folder), **context)

    generated = permissions.document(synth).splitlines()
    reviewed = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8").splitlines()
    added = [f"not reviewed: {line}" for line in generated if line not in reviewed]
    removed = [f"no longer so: {line}" for line in reviewed if line not in generated]
    count = len(permissions.permissions(stacks["dev"].template))
    return f"docs/permissions.md, {count} permissions", added + removed


def secrets_in_files() -> tuple[str, list[str]]:
    """Keys and tokens of AWS, Meta, Slack, GitHub, Telegram, and private keys, in all files that git tracks."""
    names = _tracked_files()
    findings = [f"{name}:{line}" for name in names for line in _secret_lines(ROOT / name)]
    return f"{len(names)} files that git tracks", findings


def pins() -> tuple[str, list[str]]:
    """Every package is pinned by its hash, and none by a URL: what is installed is what was reviewed."""
    paths = [name for name in _tracked_files() if re.fullmatch(r"(?:.*/)?requirements[^/]*\.txt", name)]
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
    """The result of one synth with cdk-nag. A synth that failed has no template, and the error as a finding."""

    path: Path | None
    template: Template
    findings: tuple[str, ...]


@cache
def _synthesized() -> Mapping[str, Synthesized]:
    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(STAGES, pool.map(_synth, STAGES.values()), strict=True))


def _synth(context: Mapping[str, str]) -> Synthesized:
    """Run app.py as the CDK's command line does; it takes half a minute."""
    folder = Path(mkdtemp(prefix="chatflow-security-"))
    environment = {"CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": json.dumps({**flags(), **context})}
    run = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
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
        findings.append(run.stderr.strip().splitlines()[-1] if run.stderr.strip() else "the synth failed")
    template = json.loads(path.read_text(encoding="utf-8")) if path else {"Resources": {}}
    return Synthesized(path, template, tuple(findings))


def _secret_lines(path: Path) -> Iterator[int]:
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return
    for number, line in enumerate(text.splitlines(), 1):
        if any(not _EXAMPLE_KEYS.match(secret[0]) for secret in _SECRETS.finditer(line)):
            yield number


def _tracked_files() -> list[str]:
    run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    return [name for name in run.stdout.split("\0") if name]


def _tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a scanner that is installed beside Python; its exit code only repeats that it has findings."""
    return subprocess.run(
        [str(Path(sys.executable).parent / name), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
