"""The shapes of updates as Telegram documents them (Bot API 10.1 of 11 June 2026), and the names that it knows."""

from __future__ import annotations

from tests.unit.chatflow.channels.telegram.examples import AT, Json, file, message, sent, tap

Path = tuple[str | int, ...]

# "Update": every type that there is.
UPDATE_TYPES = (
    *("message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message"),
    *("edited_business_message", "deleted_business_messages", "guest_message", "message_reaction"),
    *("message_reaction_count", "inline_query", "chosen_inline_result", "callback_query", "shipping_query"),
    *("pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member"),
    *("chat_join_request", "chat_boost", "removed_chat_boost", "managed_bot"),
)

# "Message": every field that is content, and what becomes of it.
READ = (
    *("text", "animation", "audio", "document", "photo", "sticker", "video", "voice", "contact", "dice", "venue"),
    "location",
)
ANSWERED = ("rich_message", "paid_media", "story", "video_note", "checklist", "game", "invoice")
QUIET = (
    *("poll", "new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title"),
    *("new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created", "channel_chat_created"),
    *("message_auto_delete_timer_changed", "migrate_to_chat_id", "migrate_from_chat_id", "pinned_message"),
    *("successful_payment", "refunded_payment", "users_shared", "chat_shared", "gift", "unique_gift"),
    *("gift_upgrade_sent", "connected_website", "write_access_allowed", "passport_data", "proximity_alert_triggered"),
    *("boost_added", "chat_background_set", "checklist_tasks_done", "checklist_tasks_added"),
    *("direct_message_price_changed", "forum_topic_created", "forum_topic_edited", "forum_topic_closed"),
    *("forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden", "giveaway_created"),
    *("giveaway", "giveaway_winners", "giveaway_completed", "managed_bot_created", "paid_message_price_changed"),
    *("poll_option_added", "poll_option_deleted", "suggested_post_approved", "suggested_post_approval_failed"),
    *("suggested_post_declined", "suggested_post_paid", "suggested_post_refunded", "video_chat_scheduled"),
    *("video_chat_started", "video_chat_ended", "video_chat_participants_invited", "web_app_data"),
)

_AROUND: Json = {
    "reply_to_message": sent(text="Go on?"),
    "forward_origin": {"type": "user", "date": AT, "sender_user": {"id": 1, "is_bot": False, "first_name": "X"}},
    "entities": [{"type": "bold", "offset": 0, "length": 2}],
    "media_group_id": "13579",
    "via_bot": {"id": 1, "is_bot": True, "first_name": "X"},
}
_FILE = file(mime_type="application/pdf", file_name="a.pdf", duration=3, thumbnail=file(width=90, height=90))
_PLACE: Json = {"latitude": 52.5, "longitude": 13.4, "horizontal_accuracy": 5.5}

# Complete messages, by the kind that they are.
EXAMPLES: dict[str, Json] = {
    "text": message(text="Hello", **_AROUND),
    **{
        kind: message(**{kind: _FILE}, caption="Look", **_AROUND)
        for kind in ("document", "video", "audio", "voice", "animation", "sticker")
    },
    "photo": message(photo=[file(width=90, height=60), file(width=320, height=213)], caption="Look", **_AROUND),
    "location": message(location=_PLACE, **_AROUND),
    "venue": message(venue={"location": _PLACE, "title": "Garage", "address": "Main street 1"}, location=_PLACE),
    "contact": message(contact={"phone_number": "+4915112345", "first_name": "Ann", "last_name": "Lee", "vcard": "x"}),
    "dice": message(dice={"emoji": "🎲", "value": 3}),
    "video_note": message(video_note=file(length=240, duration=5)),
    "poll": message(poll={"id": "1", "question": "Why?", "options": []}),
}

# What a message is nothing without: everything else may be missing, null or odd.
ALWAYS: tuple[Path, ...] = (("message_id",), ("date",), ("chat",), ("chat", "id"), ("chat", "type"))
REQUIRED: dict[str, tuple[Path, ...]] = {
    "text": (("text",),),
    **{kind: ((kind,), (kind, "file_id")) for kind in ("document", "video", "audio", "voice", "animation", "sticker")},
    "photo": (("photo",), ("photo", 0), ("photo", 1), ("photo", 0, "file_id"), ("photo", 1, "file_id")),
    "location": (("location",), ("location", "latitude"), ("location", "longitude")),
    # The place stands twice, so either may be odd.
    "venue": (),
    # A card without a number, or without a name, is a card.
    "contact": (("contact",),),
    "dice": (("dice",), ("dice", "emoji")),
}

TAP = tap()
TAP_ALWAYS: tuple[Path, ...] = (
    *(("data",), ("message",), ("message", "message_id"), ("message", "chat")),
    *(("message", "chat", "id"), ("message", "chat", "type")),
)


def paths(value: object, path: Path = ()) -> list[Path]:
    """The place of every value in a message, but the message itself."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, each in entries for place in ((*path, key), *paths(each, (*path, key)))]


def optional_paths(name: str) -> list[Path]:
    """The places in an example of which nothing depends on any but itself."""
    needed = (*ALWAYS, *REQUIRED.get(name, ()))
    return [path for path in paths(EXAMPLES[name]) if path not in needed]
