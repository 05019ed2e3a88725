"""Operations of the fake API on assets."""

from __future__ import annotations

from tests.fakes.management.contents import ADMIN, NOW, Contents, Json, not_found
from tests.fakes.management.deployment import Call, Deployment, ProblemResponse, Reply, page, require_revision


def add_assets(deployment: Deployment, contents: Contents) -> None:
    reads_since_upload: dict[str, int] = {}

    def revision(name: str) -> int:
        live = find(name)["live"]
        return int(live["version"]) if live else 1

    def find(name: str) -> Json:
        if name not in contents.assets:
            raise not_found(name)
        return contents.assets[name]

    def summary(name: str) -> Json:
        asset = find(name)
        live = asset["live"] or dict.fromkeys(("kind", "mime", "size", "sha256", "version", "master"))
        upload = asset["upload"]
        state = "ready" if asset["live"] else upload["state"]
        file = {name: value for name, value in live.items() if name != "revision"}
        links = {"thumbnail_url": None, "download_url": None}
        by = {"by": ADMIN, "updated_at": NOW, "reason": "" if asset["live"] else upload["reason"]}
        return {"filename": name, **file, **links, **by, "name": name, "state": state, "upload": upload}

    def expect_upload(name: str, call: Call) -> Reply:
        key = f"upload/{len(deployment.calls)}/{name}"
        reads_since_upload[name] = 0
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
        return Reply({"asset": summary(name), "upload": where}, status=201)

    def check_upload(name: str) -> None:
        asset = find(name)
        upload = asset["upload"]
        if not upload or upload["state"] != "uploading" or asset["key"] not in deployment.stored:
            return
        reads_since_upload[name] += 1
        if reads_since_upload[name] < contents.reads_until_checked:
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
        found = [summary(name) for name in contents.assets if call.params.get("search", "") in name]
        return page([each for each in found if call.params.get("kind", each["kind"]) == each["kind"]], call)

    @deployment.operation("POST", "/assets")
    def create(call: Call) -> Reply:
        name = call.json.get("name") or call.json["filename"].lower().replace(" ", "-")
        if name in contents.assets:
            raise ProblemResponse(
                409, "conflict", "This does not fit the state of things", f'There is an asset "{name}".'
            )
        return expect_upload(name, call)

    @deployment.operation("GET", "/assets/{name}")
    def show(call: Call, name: str) -> Reply:
        find(name)
        check_upload(name)
        return Reply(summary(name), revision=revision(name))

    @deployment.operation("PATCH", "/assets/{name}")
    def rename(call: Call, name: str) -> Reply:
        require_revision(call, revision(name))
        live = find(name)["live"]
        live |= {"filename": call.json["filename"], "version": live["version"] + 1}
        return Reply(summary(name), revision=revision(name))

    @deployment.operation("DELETE", "/assets/{name}")
    def delete(call: Call, name: str) -> Reply:
        require_revision(call, revision(name))
        if contents.used.get(name) and "force" not in call.params:
            raise ProblemResponse(409, "asset-in-use", "Flows use this asset", used_by=contents.used[name])
        del contents.assets[name]
        return Reply()

    @deployment.operation("POST", "/assets/{name}/uploads")
    def replace(call: Call, name: str) -> Reply:
        find(name)
        return expect_upload(name, call)

    @deployment.operation("GET", "/assets/{name}/versions")
    def versions(call: Call, name: str) -> Reply:
        live = find(name)["live"]
        return page([{**live, "live": True, "by": ADMIN, "published_at": NOW}] if live else [], call)

    @deployment.operation("GET", "/assets/{name}/usage")
    def usage(call: Call, name: str) -> Reply:
        find(name)
        return Reply({"used_by": [{"flow": flow, "nodes": ["leaflet"]} for flow in contents.used.get(name, [])]})
