"""Assets: expected, checked, replaced."""

from __future__ import annotations

from tests.fakes.management.contents import ADMIN, NOW, Contents, Json, missing
from tests.fakes.management.deployment import Call, Deployment, Refused, Reply, page, seen


def add_assets(deployment: Deployment, contents: Contents) -> None:
    looks: dict[str, int] = {}

    def revision(name: str) -> int:
        live = known(name)["live"]
        return int(live["version"]) if live else 1

    def known(name: str) -> Json:
        if name not in contents.assets:
            raise missing(name)
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
