"""A third-party client library (python-telegram-bot) works against the simulator as it does against Telegram."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from telegram import Bot as Client
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter
from telegram.request import HTTPXRequest

from tests.unit.local.telegram_simulator.conftest import CUSTOMER, SECRET, TOKEN, Bot, RunningSimulator, picture

PDF = b"%PDF-1.4 " + b"x" * 3000
R = TypeVar("R")


def with_client(simulator: RunningSimulator, work: Callable[[Client], Awaitable[R]], token: str = TOKEN) -> R:
    """Run something with the library's client, which says `getMe` first."""

    async def run() -> R:
        request = HTTPXRequest(httpx_kwargs={"trust_env": False})
        base = {"base_url": f"{simulator.url}/bot", "base_file_url": f"{simulator.url}/file/bot"}
        async with Client(token, request=request, get_updates_request=request, **base) as client:
            return await work(client)

    return asyncio.run(run())


def test_it_sends_every_kind_and_sends_again_by_file_id(simulator: RunningSimulator) -> None:
    simulator.say("hello")

    async def work(client: Client) -> list[Message]:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])
        sent = [
            await client.send_message(CUSTOMER, "<b>Sure?</b>", parse_mode="HTML", reply_markup=keyboard),
            await client.send_photo(CUSTOMER, picture(), caption="look"),
            await client.send_document(CUSTOMER, PDF, filename="Ü.pdf"),
            await client.send_voice(CUSTOMER, b"OggS"),
            await client.send_audio(CUSTOMER, b"ID3", filename="a.mp3"),
            await client.send_video(CUSTOMER, b"mp4", filename="a.mp4"),
            await client.send_animation(CUSTOMER, b"mp4", filename="a.mp4"),
        ]
        assert sent[2].document
        sent.append(await client.send_document(CUSTOMER, sent[2].document.file_id))
        assert await client.send_chat_action(CUSTOMER, "typing")
        return sent

    sent = with_client(simulator, work)
    shown = simulator.messages(direction="out")
    assert [message["type"] for message in shown] == [
        *("text", "image", "document", "audio", "audio", "video", "video", "document"),
    ]
    assert [str(message.message_id) for message in sent] == [message["id"] for message in shown]
    assert sent[0].text_html == "<b>Sure?</b>"
    assert shown[-1]["filename"] == "Ü.pdf"
    assert shown[-1]["sha256"] == shown[2]["sha256"]


def test_it_reads_the_refusals(simulator: RunningSimulator) -> None:
    async def work(client: Client) -> None:
        with pytest.raises(BadRequest, match="Chat not found"):
            await client.send_message(CUSTOMER, "x")
        simulator.say("hello")
        simulator.fault(send={"retry_after": 3})
        with pytest.raises(RetryAfter) as limited:
            await client.send_message(CUSTOMER, "x")
        assert limited.value.retry_after in (3, timedelta(seconds=3))
        simulator.act("switch", {"switch": "allowed", "on": False})
        with pytest.raises(Forbidden):
            await client.send_message(CUSTOMER, "x")

    with_client(simulator, work)
    with pytest.raises(InvalidToken):
        with_client(simulator, Client.get_me, token="1:wrong")


def test_it_sets_the_webhook_and_understands_every_update(simulator: RunningSimulator, bot: Bot) -> None:
    async def set_up(client: Client) -> None:
        assert await client.delete_webhook()
        assert await client.set_webhook(bot.url, secret_token=SECRET)
        assert (await client.get_webhook_info()).url == bot.url

    with_client(simulator, set_up)
    photo = ("a.jpg", picture(), "image/jpeg")
    simulator.say("/start")
    simulator.send(photo, photo, kind="image", caption="look")
    simulator.send(("Ü.pdf", PDF, "application/pdf"))
    simulator.send(("a.ogg", b"OggS", "audio/ogg"), kind="audio", voice="true")
    simulator.send(("a.mp4", b"mp4", "video/mp4"), kind="animation")
    simulator.send(("a.webp", b"webp", "image/webp"), kind="sticker")
    simulator.act("location", {"latitude": 1.5, "longitude": 2.5, "name": "Here", "address": "There"})
    simulator.act("edit", {"text": "/help"})
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
    simulator.result("sendMessage", chat_id=CUSTOMER, text="Sure?", reply_markup=keyboard)
    simulator.act("choice", {"id": "yes"})
    simulator.act("switch", {"switch": "allowed", "on": False})
    bot.wait_for(lambda received: len(received) == 11)

    async def read(client: Client) -> list[Update]:
        updates = sorted((Update.de_json(each, client) for each in bot.updates), key=lambda each: each.update_id)
        document = updates[3].message and updates[3].message.document
        assert document
        assert bytes(await (await document.get_file()).download_as_bytearray()) == PDF
        return updates

    updates = with_client(simulator, read)
    messages = [update.message for update in updates if update.message]
    assert [bool(message.api_kwargs) for message in messages] == [False] * 8  # no field that the library does not know
    assert messages[1].media_group_id == messages[2].media_group_id
    assert [size.width for size in messages[1].photo] == [320, 640]
    assert messages[4].voice
    assert messages[5].animation
    assert messages[6].sticker
    assert messages[7].venue
    assert updates[8].edited_message
    assert updates[9].callback_query
    assert updates[9].callback_query.data == "yes"
    assert updates[10].my_chat_member
    assert updates[10].my_chat_member.new_chat_member.status == "kicked"
