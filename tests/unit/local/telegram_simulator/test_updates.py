"""Actions of a customer, the updates of Telegram that they become, and how they are delivered."""

from __future__ import annotations

import ast
import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.unit.local.telegram_simulator.conftest import (
    CUSTOMER,
    GROUP,
    SECRET,
    TOKEN,
    Bot,
    RunningSimulator,
    picture,
)

ROOT = Path(__file__).parents[4]
SENDER = {"id": int(CUSTOMER), "is_bot": False, "first_name": "Mara", "last_name": "Lindqvist", "language_code": "en"}
CHAT = {"id": int(CUSTOMER), "first_name": "Mara", "last_name": "Lindqvist", "type": "private"}


def test_a_text_comes_as_one_update_with_the_secret(simulator: RunningSimulator, bot: Bot) -> None:
    sent = simulator.say("Does it come in another colour?")
    message = bot.next()
    assert bot.received[0].headers["x-telegram-bot-api-secret-token"] == SECRET
    assert (message["from"], message["chat"]) == (SENDER, CHAT)
    assert message["text"] == "Does it come in another colour?"
    assert str(message["message_id"]) == sent["id"]


def test_a_command_is_marked(simulator: RunningSimulator, bot: Bot) -> None:
    simulator.say("/start claim-7")
    assert bot.next()["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


def test_a_photo_has_ascending_sizes_and_the_largest_is_the_picture(simulator: RunningSimulator, bot: Bot) -> None:
    simulator.send(("a.jpg", picture(1200, 900), "image/jpeg"), kind="image", caption="look")
    message = bot.next()
    small, large = message["photo"]
    assert (small["width"], large["width"], message["caption"]) == (320, 1200, "look")
    assert not {"mime_type", "file_name"} & large.keys()
    file = simulator.result("getFile", file_id=large["file_id"])
    assert file["file_path"].startswith("photos/file_")
    downloaded = simulator.http.get(f"/file/bot{TOKEN}/{file['file_path']}")
    assert downloaded.content == picture(1200, 900)
    assert downloaded.headers["content-type"] == "application/octet-stream"


KINDS = {
    "document": (("Ü (1).pdf", "application/pdf"), {}, {"file_name": "Ü (1).pdf", "mime_type": "application/pdf"}),
    "voice": (("a.ogg", "audio/ogg"), {"kind": "audio", "voice": "true"}, {"mime_type": "audio/ogg", "duration": 5}),
    "audio": (("a.mp3", "audio/mpeg"), {"kind": "audio"}, {"mime_type": "audio/mpeg", "file_name": "a.mp3"}),
    "video": (("a.mp4", "video/mp4"), {"kind": "video"}, {"mime_type": "video/mp4", "file_name": "a.mp4"}),
    "animation": (("a.mp4", "video/mp4"), {"kind": "animation"}, {"mime_type": "video/mp4"}),
    "video_note": (("a.mp4", "video/mp4"), {"kind": "video_note"}, {"length": 240}),
    "sticker": (("a.webp", "image/webp"), {"kind": "sticker"}, {"type": "regular"}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_file_has_its_own_fields(simulator: RunningSimulator, bot: Bot, kind: str) -> None:
    (filename, mime), fields, expected = KINDS[kind]
    simulator.send((filename, b"bytes", mime), **{"kind": "document", **fields})
    message = bot.next()
    assert message[kind].items() >= {**expected, "file_size": 5}.items()
    assert ("document" in message) == (kind in ("document", "animation"))  # an animation is also a document
    path = simulator.result("getFile", file_id=message[kind]["file_id"])["file_path"]
    assert simulator.http.get(f"/file/bot{TOKEN}/{path}").content == b"bytes"


def test_an_address_of_a_file_expires(simulator: RunningSimulator, bot: Bot) -> None:
    simulator.send(("a.pdf", b"bytes", "application/pdf"))
    path = simulator.result("getFile", file_id=bot.next()["document"]["file_id"])["file_path"]
    simulator.clock.ahead = 3601
    assert simulator.http.get(f"/file/bot{TOKEN}/{path}").status_code == 404


def test_files_sent_together_carry_one_group_and_one_caption(simulator: RunningSimulator, bot: Bot) -> None:
    photo = ("a.jpg", picture(), "image/jpeg")
    simulator.send(photo, photo, photo, kind="image", caption="all sides")
    bot.wait_for(lambda received: len(received) == 3)
    messages = [update["message"] for update in bot.updates]
    assert len({message["media_group_id"] for message in messages}) == 1
    assert [message.get("caption") for message in messages] == ["all sides", None, None]
    assert [message["message_id"] for message in messages] == sorted(message["message_id"] for message in messages)


def test_a_tap_comes_with_the_message_that_offered_it_and_is_answered(simulator: RunningSimulator, bot: Bot) -> None:
    simulator.say("hello")
    keyboard = {
        "inline_keyboard": [[{"text": "Yes", "callback_data": "1:yes"}], [{"text": "No", "callback_data": "n"}]]
    }
    asked = simulator.result("sendMessage", chat_id=CUSTOMER, text="Sure?", reply_markup=keyboard)
    assert [button["id"] for button in simulator.messages(direction="out")[0]["buttons"]] == ["1:yes", "n"]
    simulator.act("choice", {"id": "1:yes"})
    query = bot.next("callback_query", 2)
    assert (query["data"], query["from"], query["message"]) == ("1:yes", SENDER, asked)
    assert simulator.result("answerCallbackQuery", callback_query_id=query["id"]) is True
    assert simulator.messages()[-1]["status"] == "read"


def test_a_method_in_the_webhooks_answer_is_performed(simulator: RunningSimulator, bot: Bot) -> None:
    bot.text = json.dumps({"method": "sendMessage", "chat_id": int(CUSTOMER), "text": "Hello"})
    simulator.say("hi")
    assert simulator.messages(direction="out", wait=10)[0]["text"] == "Hello"


def test_an_edit_is_told_with_the_same_id(simulator: RunningSimulator, bot: Bot) -> None:
    sent = simulator.say("helo")
    bot.next()  # updates of different kinds have queues of their own
    simulator.act("edit", {"text": "hello"})
    edited = bot.next("edited_message", 2)
    assert (str(edited["message_id"]), edited["text"]) == (sent["id"], "hello")
    assert edited["edit_date"] >= edited["date"]


def test_a_group_is_told_when_the_bot_is_added_and_only_commands_reach_it(
    simulator: RunningSimulator, bot: Bot
) -> None:
    simulator.http.post("/handset/contacts", json={"id": GROUP, "name": "The family"}).raise_for_status()
    added = bot.next("my_chat_member")
    assert added["chat"] == {"id": int(GROUP), "title": "The family", "type": "supergroup"}
    assert added["new_chat_member"]["status"] == "member"
    simulator.say("among us", GROUP)
    simulator.say("/start@chatflow_demo_bot", GROUP)
    message = bot.next("message", 2)
    assert (message["text"], message["chat"]["type"]) == ("/start@chatflow_demo_bot", "supergroup")
    assert message["from"]["id"] != message["chat"]["id"]
    assert simulator.result("sendMessage", chat_id=GROUP, text="Hello all")["chat"]["title"] == "The family"


def test_blocking_the_bot_is_told(simulator: RunningSimulator, bot: Bot) -> None:
    simulator.act("switch", {"switch": "allowed", "on": False})
    assert bot.next("my_chat_member")["new_chat_member"]["status"] == "kicked"


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("unsupported", {}, "game"),
        ("card", {"phone_number": "+12025550143", "first_name": "Tom"}, "contact"),
        ("raw", {"story": {"id": 1}}, "story"),
        ("location", {"latitude": 1.5, "longitude": 2.5}, "location"),
        ("location", {"latitude": 1.5, "longitude": 2.5, "name": "Here", "address": "There"}, "venue"),
    ],
)
def test_other_messages_have_their_field(
    simulator: RunningSimulator, bot: Bot, action: str, body: dict[str, object], field: str
) -> None:
    simulator.act(action, body)
    assert field in bot.next()


def test_an_update_is_repeated_until_any_2xx_and_the_next_of_the_chat_waits(
    simulator: RunningSimulator, bot: Bot
) -> None:
    bot.answers = [503, 302, 204]
    simulator.say("one")
    simulator.say("two")
    bot.wait_for(lambda received: len(received) == 4)
    assert [update["message"]["text"] for update in bot.updates] == ["one", "one", "one", "two"]
    first, *again = bot.updates[:3]
    assert again == [first, first]
    assert bot.updates[3]["update_id"] == first["update_id"] + 1


def test_an_update_is_delivered_again_on_demand(simulator: RunningSimulator, bot: Bot) -> None:
    sent = simulator.say("one")
    bot.wait_for(lambda received: len(received) == 1)
    simulator.http.post("/handset/redeliver", json={"message": sent["id"], "times": 2}).raise_for_status()
    bot.wait_for(lambda received: len(received) == 3)
    assert len({post.body for post in bot.received}) == 1


def test_only_allowed_updates_are_sent(simulator: RunningSimulator, bot: Bot) -> None:
    simulator.result("setWebhook", url=bot.url, allowed_updates=["callback_query"])
    simulator.say("hello")
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
    simulator.result("sendMessage", chat_id=CUSTOMER, text="Sure?", reply_markup=keyboard)
    simulator.act("choice", {"id": "yes"})
    assert bot.next("callback_query")["data"] == "yes"
    assert "x-telegram-bot-api-secret-token" not in bot.received[0].headers


def test_what_is_sent_is_seen_by_the_customer_with_its_bytes_and_its_style(simulator: RunningSimulator) -> None:
    simulator.say("hello")
    simulator.result("sendChatAction", chat_id=CUSTOMER, action="typing")
    simulator.result("sendMessage", chat_id=CUSTOMER, text="<b>B</b> &amp; 😀 <i>i</i>", parse_mode="HTML")
    body = picture()
    sent = simulator.result("sendPhoto", files={"photo": ("a.jpg", body, "image/jpeg")}, chat_id=CUSTOMER, caption="c")
    again = simulator.result("sendPhoto", chat_id=CUSTOMER, photo=sent["photo"][-1]["file_id"])
    assert again["photo"] == sent["photo"]
    text, photo, same = simulator.messages(direction="out")
    assert (text["text"], [(each["type"], each["offset"], each["length"]) for each in text["entities"]]) == (
        "B & 😀 i",
        [("bold", 0, 1), ("italic", 7, 1)],
    )
    assert (photo["type"], photo["caption"], photo["sha256"]) == ("image", "c", hashlib.sha256(body).hexdigest())
    assert simulator.http.get(f"/handset/media/{same['media']}").content == body


def test_the_wire_shows_neither_the_token_nor_the_secret(simulator: RunningSimulator, bot: Bot) -> None:
    sent = simulator.say("hello")
    # An exchange is shown when it is over: the bot has the update a moment before.
    bot.wait_for(
        lambda _: [each["status"] for each in simulator.messages() if each["id"] == sent["id"]] == ["delivered"]
    )
    simulator.result("sendMessage", chat_id=CUSTOMER, text="hi")
    shown = simulator.http.get("/handset/wire")
    titles = [exchange["title"] for exchange in shown.json()["exchanges"]]
    assert titles == ["setWebhook", "Update: text from Mara", "sendMessage"]
    assert TOKEN not in shown.text
    assert SECRET not in shown.text
    assert SECRET not in simulator.http.get("/handset/settings").text


def test_the_simulators_import_nothing_of_chatflow() -> None:
    for folder in ("simulator", "telegram_simulator"):
        for path in (ROOT / "local" / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                assert not any(name.split(".")[0] in ("chatflow", "functions") for name in names), path


def test_the_process_prints_its_address_and_ends_at_a_signal(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local.telegram_simulator", "--token", "12:x", "--data", str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    url = json.loads(process.stdout.readline())["url"]
    assert httpx.get(url).status_code == 200
    assert httpx.get(f"{url}/bot12:x/getMe").json()["result"]["id"] == 12
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) in (0, -signal.SIGTERM)
