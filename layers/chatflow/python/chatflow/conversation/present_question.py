"""The messages that ask the present question, and taps on the options of an older one. Pure.

An option's id says nothing about the question it belongs to: a menu that comes again has the same options. Only the id
of the message that was tapped does.
"""

from __future__ import annotations

from typing import Any, Final

from chatflow.conversation.session import Waiting
from chatflow.messages import IncomingMessage

OLD_OPTION: Final = "old_option"  # why a tap was not taken as the answer
_MOST_IDS = 20  # ids of a question that is asked again and again; a session is one item of a table


def question_ids(trail: list[dict[str, Any]], earlier: tuple[str, ...] | None) -> tuple[str, ...]:
    """The ids, given by the channel, of the messages that the last visit of a run asked its question with.

    `earlier` are those of the question that the run's first node had asked before; None if it had not. They stay valid
    when that node asks once more. () when ids are not known: a send is in doubt or still to come, a message was sent
    again after a doubt (the customer may tap its first copy), or an earlier version stored the session. Every tap then
    counts as an answer.
    """
    visit = trail[-1] if trail else {}
    effects = visit.get("effects", ())
    if earlier and len(trail) == 1 and not any({"messages", "owed", "in_doubt"} & effect.keys() for effect in effects):
        return earlier  # nothing was asked anew
    sent = tuple(str(id) for effect in effects for id in effect.get("messages", ()))
    if not sent or any(effect.get("in_doubt") or effect.get("sent_again") for effect in effects):
        return ()
    if earlier is None or len(trail) > 1:
        return sent[-_MOST_IDS:]
    return (*earlier, *sent)[-_MOST_IDS:] if earlier else ()


def is_old_tap(message: IncomingMessage, waiting: Waiting) -> bool:
    """Whether a message is a tap on an option of another message than those of the present question.

    Sessions that were stored by earlier versions know no ids, and some channels do not say which message was tapped.
    """
    if message.kind != "choice" or not message.reply_to or not waiting.message_ids:
        return False
    return message.reply_to not in waiting.message_ids
