"""A flow of as many nodes as a flow may have, of the kinds and with the texts that flows of people have."""

from __future__ import annotations

from typing import Any, Final

from chatflow.flows.fields import MOST_NODES

NAME: Final = "large"
_TOPIC = 10  # nodes that belong together


def large_flow(nodes: int = MOST_NODES) -> dict[str, Any]:
    """Topics of ten nodes: a menu that leads into it and to two others, questions, a condition, files, calls."""
    document: dict[str, Any] = {"chatflow": 1, "flow": NAME, "title": "Everything that we can do", "start": "n000"}
    return {**document, "nodes": dict(_node(number, nodes) for number in range(nodes))}


def _node(number: int, nodes: int) -> tuple[str, dict[str, Any]]:
    first = number - number % _TOPIC
    topic = number // _TOPIC + 1

    def name(offset: int) -> str:
        return f"n{number + offset:03}" if number + offset < nodes else "end"

    def other(topic: int) -> str:
        return f"n{(topic - 1) * _TOPIC:03}" if topic * _TOPIC <= nodes else "end"

    kinds: list[dict[str, Any]] = [
        {
            "type": "menu",
            "prompt": f"Hello [[contact:name]]! This is topic {topic}. What can I do for you?",
            "options": [
                {"id": "more", "title": "Tell me more", "then": name(1)},
                {"id": "report", "title": "Report damage", "description": "It takes two minutes", "then": name(2)},
                {"id": "near", "title": "Something like this", "then": other(2 * topic)},
                {"id": "far", "title": "Something else", "then": other(2 * topic + 1)},
            ],
            "exits": {"gave_up": name(9)},
        },
        {
            "type": "text",
            "say": f"With topic {topic} we help around the clock.\nWrite *menu* whenever you would like to go back.",
            "then": name(1),
        },
        {
            "type": "input",
            "prompt": "What is your number plate? For example: B AB 1234",
            "pattern": "[A-Za-z0-9][A-Za-z0-9 -]{1,9}",
            "reprompt": "That does not look like a number plate. Letters, digits and blanks only, please.",
            "save_as": f"plate_{topic}",
            "exits": {"received": name(1), "gave_up": name(7)},
        },
        {
            "type": "media",
            "direction": "inbound",
            "prompt": "Now send one photo of the damage, please.",
            "accept": ["image"],
            "save_as": f"photo_{topic}",
            "exits": {"received": name(1), "gave_up": name(6)},
        },
        {
            "type": "api_integration",
            "integration": "claims-upload",
            "parameters": {"plate": f"[[upper:plate_{topic}]]", "file": f"[[photo_{topic}]]"},
            "save_as": f"claim_{topic}",
            "exits": {"success": name(1), "failure": name(5)},
        },
        {
            "type": "condition",
            "cases": [
                {"if": f"[[claim_{topic}.status]]", "equals": "accepted", "then": name(1)},
                {"if": f"[[claim_{topic}.status]]", "equals": "review", "then": name(3)},
            ],
            "otherwise": name(4),
        },
        {"type": "text", "say": f"Good news: claim [[claim_{topic}.id]] is accepted.", "then": name(1)},
        {
            "type": "media",
            "direction": "outbound",
            "source": {"asset": "what-happens-next.pdf"},
            "exits": {"sent": name(2), "failed": name(2)},
        },
        {
            "type": "menu",
            "prompt": "One more photo, from another side, helps a lot.",
            "options": [
                {"id": "another", "title": "Send another photo", "then": f"n{first + 3:03}"},
                {"id": "enough", "title": "That is all", "then": name(1)},
            ],
            "exits": {"gave_up": name(1)},
        },
        {"type": "text", "say": "Let us do this by phone: we will call you during the day.", "then": "end"},
    ]
    return f"n{number:03}", kinds[number % _TOPIC]
