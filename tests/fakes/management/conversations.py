"""Operations of the fake API on sessions, conversations and dead letters."""

from __future__ import annotations

from tests.fakes.management.contents import NOW, Contents, Json, admin_only, not_found
from tests.fakes.management.deployment import Call, Deployment, ProblemResponse, Reply, page


def add_conversations(deployment: Deployment, contents: Contents) -> None:
    @deployment.operation("GET", "/sessions")
    def list_sessions(call: Call) -> Reply:
        found = [each for each in contents.sessions if call.params.get("state", each["state"]) == each["state"]]
        return page(found, call)

    @deployment.operation("POST", "/sessions")
    def start(call: Call) -> Reply:
        if contents.sessions and not call.json["replace"]:
            raise ProblemResponse(409, "session-running", "A session is running")
        return Reply({"conversation": "c_new", "event": "e-1"}, status=202)

    @deployment.operation("POST", "/conversations/find")
    def find(call: Call) -> Reply:
        return Reply({"conversation": f"c_{len(call.json['contact'])}"})

    @deployment.operation("POST", "/contacts/erase")
    def erase(call: Call) -> Reply:
        admin_only(deployment, call)
        return Reply({"conversation": f"c_{len(call.json['contact'])}", "event": "e-3", "asked_at": NOW}, status=202)

    @deployment.operation("GET", "/conversations/{conversation}/erasure")
    def erasure(call: Call, conversation: str) -> Reply:
        if not contents.erasures:
            raise not_found(conversation)
        return Reply({"conversation": conversation, **contents.erasures.pop(0)})

    def sessions_of(conversation: str) -> list[Json]:
        found = [each for each in contents.sessions if each["conversation"] == conversation]
        if not found:
            raise not_found(conversation)
        return found

    def list_past_sessions(call: Call, conversation: str) -> Reply:
        times = {"turns": 3, "started_at": NOW, "updated_at": NOW}
        mine = sessions_of(conversation)
        found = [{"session": each["session"], "flow": each["flow"], "state": each["state"], **times} for each in mine]
        return page(found, call)

    @deployment.operation("GET", "/conversations/{conversation}")
    def show(call: Call, conversation: str) -> Reply:
        mine, listed = sessions_of(conversation), list_past_sessions(call, conversation)
        more = {
            "waiting": None,
            "paused": mine[0].get("paused"),
            "variables": {"plate": "B AB 1"},
            "pending": 0,
            "heard_at": NOW,
        }
        where = {"conversation": conversation, "channel": "whatsapp", "account": "1"}
        session = {name: value for name, value in mine[0].items() if name != "conversation"}
        sessions = {"sessions": listed.data["items"], "sessions_next": listed.data["next"]}
        return Reply({**where, "session": {**session, **more}, **sessions})

    @deployment.operation("GET", "/conversations/{conversation}/sessions")
    def past(call: Call, conversation: str) -> Reply:
        return list_past_sessions(call, conversation)

    @deployment.operation("GET", "/conversations/{conversation}/turns")
    def turns(call: Call, conversation: str) -> Reply:
        return page(contents.turns, call)

    for action in ("stop", "retry", "give-up", "pause", "resume"):

        @deployment.operation("POST", f"/conversations/{{conversation}}/{action}")
        def operate(call: Call, conversation: str) -> Reply:
            if not contents.sessions:
                raise ProblemResponse(409, "session-not-running", "No session is running")
            return Reply({"conversation": conversation, "event": "e-2"}, status=202)


def add_letters(deployment: Deployment, contents: Contents) -> None:
    def find(letter: str) -> Json:
        found = [each for each in contents.letters if each["id"] == letter]
        if not found:
            raise not_found(letter)
        return found[0]

    @deployment.operation("GET", "/dead-letters")
    def list_letters(call: Call) -> Reply:
        listed = page(contents.letters, call)
        return Reply({**listed.data, "hidden": 0})

    @deployment.operation("POST", "/dead-letters/{letter}/redrive")
    def redrive(call: Call, letter: str) -> Reply:
        if find(letter)["state"] == "stale":
            raise ProblemResponse(409, "stale-letter", "The session has moved on since")
        contents.letters.remove(find(letter))
        return Reply({"conversation": "c_1", "event": letter}, status=202)

    @deployment.operation("DELETE", "/dead-letters/{letter}")
    def discard(call: Call, letter: str) -> Reply:
        contents.letters.remove(find(letter))
        return Reply()
