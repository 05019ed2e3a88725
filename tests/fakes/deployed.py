"""A small deployment behind `tests.fakes.management_api`: flows, assets, sessions and the rest, kept in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.fakes.management_api import Call, Deployment, Refused, Reply, page, seen
from tests.fakes.user_pool import User

NOW = "2026-11-22T18:00:00Z"
ADMIN, PASSWORD = "admin@example.com", "Correct-horse-7"
Json = dict[str, Any]


@dataclass
class Draft:
    text: str
    revision: int
    by: str


@dataclass
class Contents:
    """What stands in the deployment."""

    sources: dict[str, list[str]] = field(default_factory=dict)  # a flow's versions, the oldest first
    live: dict[str, int] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    problems: list[Json] = field(default_factory=list)  # what validation finds in anything
    routes: list[str] = field(default_factory=lambda: ["default: welcome\n"])
    integrations: dict[str, list[str]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    assets: dict[str, Json] = field(default_factory=dict)
    used: dict[str, list[str]] = field(default_factory=dict)  # an asset's flows
    rejects: str = ""  # the reason for which the next uploads are rejected
    looks_until_checked: int = 1
    sessions: list[Json] = field(default_factory=list)
    turns: list[Json] = field(default_factory=list)
    letters: list[Json] = field(default_factory=list)
    trial: Json = field(default_factory=dict)


def deployed() -> tuple[Deployment, Contents]:
    """An empty deployment with one admin."""
    deployment, contents = Deployment(), Contents()
    deployment.pool.users[ADMIN] = User(PASSWORD)
    for add in (_about, _drafts, _flows, _routes, _integrations, _secrets, _assets, _conversations, _letters):
        add(deployment, contents)
    return deployment, contents


def _admin_only(deployment: Deployment, call: Call) -> None:
    if "admin" not in deployment.pool.roles_of(call.caller):
        raise Refused(403, "forbidden", "Your role does not allow this", "this takes the role admin; yours: viewer")


def _missing(what: str) -> Refused:
    return Refused(404, "not-found", "There is no such thing", f'There is no "{what}".')


def _about(deployment: Deployment, contents: Contents) -> None:
    @deployment.operation("GET", "/me")
    def me(call: Call) -> Reply:
        return Reply({"name": call.caller, "roles": deployment.pool.roles_of(call.caller)})

    @deployment.operation("GET", "/audit")
    def audit(call: Call) -> Reply:
        _admin_only(deployment, call)
        row = {"at": NOW, "who": ADMIN, "operation": "publish_flow", "target": {"flow": "photo"}, "outcome": "done"}
        return page([{**row, "request": "r-1", "status": 201, "facts": {"version": 2}}], call)


def _drafts(deployment: Deployment, contents: Contents) -> None:
    @deployment.operation("GET", "/flows/{flow}/draft")
    def get_draft(call: Call, flow: str) -> Reply:
        draft = contents.drafts.get(flow)
        if draft is None:
            raise _missing(flow)
        return Reply(yaml.safe_load(draft.text), text=draft.text if call.wants_yaml else "", revision=draft.revision)

    @deployment.operation("PUT", "/flows/{flow}/draft")
    def put_draft(call: Call, flow: str) -> Reply:
        draft = contents.drafts.get(flow)
        if draft:
            seen(call, draft.revision)
        else:
            assert call.headers["if-none-match"] == "*"
        assert call.headers["content-type"] == "application/yaml"
        made = Draft(call.body.decode(), draft.revision + 1 if draft else 1, call.caller)
        if not yaml.safe_load(made.text).get("nodes") and "allow_empty" not in call.params:
            raise Refused(409, "empties-flow", "An empty flow would replace one with nodes")
        contents.drafts[flow] = made
        return Reply({"revision": made.revision, "updated_at": NOW, "by": made.by}, revision=made.revision)

    @deployment.operation("POST", "/flows/{flow}/validate")
    def validate(call: Call, flow: str) -> Reply:
        assert call.json["yaml"]
        return Reply({"problems": contents.problems})

    @deployment.operation("POST", "/flows/{flow}/publish")
    def publish(call: Call, flow: str) -> Reply:
        draft = contents.drafts[flow]
        seen(call, draft.revision)
        if contents.problems:
            raise Refused(422, "invalid-flow", "The flow is not valid", problems=contents.problems)
        contents.sources.setdefault(flow, []).append(draft.text)
        contents.live[flow] = len(contents.sources[flow])
        return Reply(_version(contents, flow, contents.live[flow], call.json["note"]), status=201)


def _published(number: int, live: int, note: str = "", title: str = "") -> Json:
    about = {"version": number, "published_at": NOW, "by": ADMIN, "note": note, "master": "api", "title": title}
    return {**about, "live": number == live}


def _version(contents: Contents, flow: str, number: int, note: str = "") -> Json:
    return _published(number, contents.live.get(flow, 0), note, "Take a photo")


def _head(contents: Contents, flow: str) -> Json:
    draft = contents.drafts.get(flow)
    return {
        "name": flow,
        "title": "Take a photo",
        "version": contents.live.get(flow),
        "published_at": NOW,
        "by": ADMIN,
        "note": "First",
        "master": "api",
        "draft": {"revision": draft.revision, "updated_at": NOW, "by": draft.by} if draft else None,
    }


def _flows(deployment: Deployment, contents: Contents) -> None:
    def known(flow: str) -> str:
        if flow not in contents.sources and flow not in contents.drafts:
            raise _missing(flow)
        return flow

    @deployment.operation("GET", "/flows")
    def list_flows(call: Call) -> Reply:
        return page([_head(contents, flow) for flow in sorted({*contents.sources, *contents.drafts})], call)

    @deployment.operation("GET", "/flows/{flow}")
    def show(call: Call, flow: str) -> Reply:
        draft = contents.drafts.get(flow)
        live = contents.sources[flow][-1] if contents.live.get(flow) else ""
        uses = {"assets": [], "integrations": ["claims"], "flows": []}
        more = {"uses": uses, "changed": draft is not None and draft.text != live, "running": len(contents.sessions)}
        return Reply({**_head(contents, known(flow)), **more}, revision=contents.live.get(flow, 0) or 1)

    @deployment.operation("DELETE", "/flows/{flow}")
    def delete(call: Call, flow: str) -> Reply:
        seen(call, contents.live.get(known(flow), 0) or 1)
        if contents.sessions and "force" not in call.params:
            raise Refused(409, "flow-in-use", "Sessions run on this flow", running=len(contents.sessions))
        del contents.sources[flow]
        return Reply()

    @deployment.operation("GET", "/flows/{flow}/versions")
    def versions(call: Call, flow: str) -> Reply:
        numbers = range(len(contents.sources[known(flow)]), 0, -1)
        return page([_version(contents, flow, number) for number in numbers], call)

    @deployment.operation("GET", "/flows/{flow}/versions/{version}")
    def one_version(call: Call, flow: str, version: str) -> Reply:
        text = contents.sources[known(flow)][int(version) - 1]
        return Reply(yaml.safe_load(text), text=text if call.wants_yaml else "")

    @deployment.operation("POST", "/flows/{flow}/rollback")
    def rollback(call: Call, flow: str) -> Reply:
        contents.sources[known(flow)].append(contents.sources[flow][call.json["version"] - 1])
        contents.live[flow] = len(contents.sources[flow])
        return Reply(_version(contents, flow, contents.live[flow], call.json["note"]), status=201)

    @deployment.operation("POST", "/flows/{flow}/unpublish")
    def unpublish(call: Call, flow: str) -> Reply:
        del contents.live[known(flow)]
        return Reply({"revision": 1, "updated_at": NOW, "by": ADMIN})


def _routes(deployment: Deployment, contents: Contents) -> None:
    @deployment.operation("GET", "/routes")
    def get_routes(call: Call) -> Reply:
        text = contents.routes[-1]
        return Reply(yaml.safe_load(text), text=text if call.wants_yaml else "", revision=len(contents.routes))

    @deployment.operation("PUT", "/routes")
    def put_routes(call: Call) -> Reply:
        seen(call, len(contents.routes))
        if contents.problems:
            raise Refused(422, "invalid-flow", "The flow is not valid", problems=contents.problems)
        contents.routes.append(call.body.decode())
        return Reply(_published(len(contents.routes), len(contents.routes)), revision=len(contents.routes))

    @deployment.operation("GET", "/routes/versions")
    def versions(call: Call) -> Reply:
        live = len(contents.routes)
        return page([_published(number, live) for number in range(live, 0, -1)], call)

    @deployment.operation("POST", "/routes/rollback")
    def rollback(call: Call) -> Reply:
        contents.routes.append(contents.routes[call.json["version"] - 1])
        return Reply(_published(len(contents.routes), len(contents.routes)), status=201)


def _integrations(deployment: Deployment, contents: Contents) -> None:
    def known(name: str) -> list[str]:
        if name not in contents.integrations:
            raise _missing(name)
        return contents.integrations[name]

    def head(name: str, live: int) -> Json:
        data = yaml.safe_load(contents.integrations[name][-1])
        call = {"method": data["method"], "url": data["url"], "used_by": ["photo"]}
        told = {key: value for key, value in _published(live, live).items() if key != "live"}
        return {**told, **call, "name": name}

    @deployment.operation("GET", "/integrations")
    def list_integrations(call: Call) -> Reply:
        return page([head(name, len(all_)) for name, all_ in contents.integrations.items()], call)

    @deployment.operation("GET", "/integrations/{integration}")
    def show(call: Call, integration: str) -> Reply:
        text = known(integration)[-1]
        data = yaml.safe_load(text)
        return Reply(data, text=text if call.wants_yaml else "", revision=len(known(integration)))

    @deployment.operation("PUT", "/integrations/{integration}")
    def put(call: Call, integration: str) -> Reply:
        versions = contents.integrations.setdefault(integration, [])
        if versions:
            seen(call, len(versions))
        versions.append(call.body.decode())
        live = len(versions)
        return Reply({**_published(live, live), "flows": ["photo"]}, revision=live)

    @deployment.operation("DELETE", "/integrations/{integration}")
    def delete(call: Call, integration: str) -> Reply:
        seen(call, len(known(integration)))
        raise Refused(
            409,
            "integration-in-use",
            "Flows use this integration",
            used_by=[{"flow": "photo", "nodes": ["call", "again"]}],
        )

    @deployment.operation("GET", "/integrations/{integration}/versions")
    def versions(call: Call, integration: str) -> Reply:
        live = len(known(integration))
        return page([_published(number, live) for number in range(live, 0, -1)], call)

    @deployment.operation("POST", "/integrations/{integration}/rollback")
    def rollback(call: Call, integration: str) -> Reply:
        known(integration).append(known(integration)[call.json["version"] - 1])
        live = len(known(integration))
        return Reply({**_published(live, live), "flows": []}, status=201)

    @deployment.operation("POST", "/integrations/{integration}/try")
    def try_(call: Call, integration: str) -> Reply:
        return Reply(contents.trial)


def _secrets(deployment: Deployment, contents: Contents) -> None:
    @deployment.operation("GET", "/secrets")
    def list_secrets(call: Call) -> Reply:
        return page([{"name": name, "updated_at": NOW, "used_by": []} for name in sorted(contents.secrets)], call)

    @deployment.operation("PUT", "/secrets/{secret}")
    def put(call: Call, secret: str) -> Reply:
        _admin_only(deployment, call)
        contents.secrets[secret] = call.json["value"]
        return Reply()

    @deployment.operation("DELETE", "/secrets/{secret}")
    def delete(call: Call, secret: str) -> Reply:
        if secret not in contents.secrets:
            raise _missing(secret)
        del contents.secrets[secret]
        return Reply()


def _assets(deployment: Deployment, contents: Contents) -> None:
    looks: dict[str, int] = {}

    def revision(name: str) -> int:
        live = known(name)["live"]
        return int(live["version"]) if live else 1

    def known(name: str) -> Json:
        if name not in contents.assets:
            raise _missing(name)
        return contents.assets[name]

    def shown(name: str) -> Json:
        asset = known(name)
        live = asset["live"] or dict.fromkeys(("kind", "mime", "size", "sha256", "version", "master"))
        upload = asset["upload"]
        state = "ready" if asset["live"] else upload["state"]
        told = {name: value for name, value in live.items() if name != "revision"}
        links = {"thumbnail_url": None, "download_url": None}
        by = {"by": ADMIN, "updated_at": NOW, "reason": "" if asset["live"] else upload["reason"]}
        return {"filename": name, **told, **links, **by, "name": name, "state": state, "upload": upload}

    def expected(name: str, call: Call) -> Reply:
        key = f"upload/{len(deployment.calls)}/{name}"
        looks[name] = 0
        asset = contents.assets.setdefault(name, {"live": None, "upload": None})
        filename = call.json.get("filename") or (asset["live"] or {}).get("filename", name)
        asset["upload"] = {
            "state": "uploading",
            "reason": "",
            "filename": filename,
            "size": call.json["size"],
            "mime": call.json["mime"],
            "by": ADMIN,
            "at": NOW,
            "expires_at": NOW,
        }
        asset["key"] = key
        fields = {"key": key, "Content-Type": "image/png", "policy": "signed"}
        where = {"url": f"{deployment.url}/bucket", "fields": fields, "expires_at": NOW}
        return Reply({"asset": shown(name), "upload": where}, status=201)

    def checked(name: str) -> None:
        asset = known(name)
        upload = asset["upload"]
        if not upload or upload["state"] != "uploading" or asset["key"] not in deployment.stored:
            return
        looks[name] += 1
        if looks[name] < contents.looks_until_checked:
            return
        if contents.rejects:
            upload |= {"state": "rejected", "reason": contents.rejects}
            return
        version = asset["live"]["version"] + 1 if asset["live"] else 1
        about = {"kind": "image", "mime": "image/png", "sha256": "ab" * 32, "master": "api", "version": version}
        asset["live"] = {**about, "filename": upload["filename"], "size": upload["size"]}
        asset["upload"] = None

    @deployment.operation("GET", "/assets")
    def list_assets(call: Call) -> Reply:
        found = [shown(name) for name in contents.assets if call.params.get("search", "") in name]
        return page([each for each in found if call.params.get("kind", each["kind"]) == each["kind"]], call)

    @deployment.operation("POST", "/assets")
    def create(call: Call) -> Reply:
        name = call.json.get("name") or call.json["filename"].lower().replace(" ", "-")
        if name in contents.assets:
            raise Refused(409, "conflict", "This does not fit the state of things", f'There is an asset "{name}".')
        return expected(name, call)

    @deployment.operation("GET", "/assets/{name}")
    def show(call: Call, name: str) -> Reply:
        known(name)
        checked(name)
        return Reply(shown(name), revision=revision(name))

    @deployment.operation("PATCH", "/assets/{name}")
    def rename(call: Call, name: str) -> Reply:
        seen(call, revision(name))
        live = known(name)["live"]
        live |= {"filename": call.json["filename"], "version": live["version"] + 1}
        return Reply(shown(name), revision=revision(name))

    @deployment.operation("DELETE", "/assets/{name}")
    def delete(call: Call, name: str) -> Reply:
        seen(call, revision(name))
        if contents.used.get(name) and "force" not in call.params:
            raise Refused(409, "asset-in-use", "Flows use this asset", used_by=contents.used[name])
        del contents.assets[name]
        return Reply()

    @deployment.operation("POST", "/assets/{name}/uploads")
    def replace(call: Call, name: str) -> Reply:
        known(name)
        return expected(name, call)

    @deployment.operation("GET", "/assets/{name}/versions")
    def versions(call: Call, name: str) -> Reply:
        live = known(name)["live"]
        return page([{**live, "live": True, "by": ADMIN, "published_at": NOW}] if live else [], call)

    @deployment.operation("GET", "/assets/{name}/usage")
    def usage(call: Call, name: str) -> Reply:
        known(name)
        return Reply({"used_by": [{"flow": flow, "nodes": ["leaflet"]} for flow in contents.used.get(name, [])]})


def _conversations(deployment: Deployment, contents: Contents) -> None:
    @deployment.operation("GET", "/sessions")
    def list_sessions(call: Call) -> Reply:
        found = [each for each in contents.sessions if call.params.get("state", each["state"]) == each["state"]]
        return page(found, call)

    @deployment.operation("POST", "/sessions")
    def start(call: Call) -> Reply:
        if contents.sessions and not call.json["replace"]:
            raise Refused(409, "session-running", "A session is running")
        return Reply({"conversation": "c_new", "event": "e-1"}, status=202)

    @deployment.operation("POST", "/conversations/find")
    def find(call: Call) -> Reply:
        return Reply({"conversation": f"c_{len(call.json['contact'])}"})

    @deployment.operation("GET", "/conversations/{conversation}")
    def show(call: Call, conversation: str) -> Reply:
        mine = [each for each in contents.sessions if each["conversation"] == conversation]
        if not mine:
            raise _missing(conversation)
        more = {"waiting": None, "variables": {"plate": "B AB 1"}, "pending": 0, "heard_at": NOW}
        past = [{"session": each["session"], "flow": each["flow"], "state": each["state"]} for each in mine]
        times = {"turns": 3, "started_at": NOW, "updated_at": NOW}
        where = {"conversation": conversation, "channel": "whatsapp", "account": "1"}
        session = {name: value for name, value in mine[0].items() if name != "conversation"}
        return Reply({**where, "session": {**session, **more}, "sessions": [{**each, **times} for each in past]})

    @deployment.operation("GET", "/conversations/{conversation}/turns")
    def turns(call: Call, conversation: str) -> Reply:
        return page(contents.turns, call)

    for action in ("stop", "retry", "give-up"):

        @deployment.operation("POST", f"/conversations/{{conversation}}/{action}")
        def operate(call: Call, conversation: str) -> Reply:
            if not contents.sessions:
                raise Refused(409, "session-not-running", "No session is running")
            return Reply({"conversation": conversation, "event": "e-2"}, status=202)


def _letters(deployment: Deployment, contents: Contents) -> None:
    def known(letter: str) -> Json:
        found = [each for each in contents.letters if each["id"] == letter]
        if not found:
            raise _missing(letter)
        return found[0]

    @deployment.operation("GET", "/dead-letters")
    def list_letters(call: Call) -> Reply:
        listed = page(contents.letters, call)
        return Reply({**listed.data, "hidden": 0})

    @deployment.operation("POST", "/dead-letters/{letter}/redrive")
    def redrive(call: Call, letter: str) -> Reply:
        if known(letter)["state"] == "stale":
            raise Refused(409, "stale-letter", "The session has moved on since")
        contents.letters.remove(known(letter))
        return Reply({"conversation": "c_1", "event": letter}, status=202)

    @deployment.operation("DELETE", "/dead-letters/{letter}")
    def discard(call: Call, letter: str) -> Reply:
        contents.letters.remove(known(letter))
        return Reply()
