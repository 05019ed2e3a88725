"""What a turn does outside of a flow's nodes, through the function of the node type whose manifest has the task."""

from __future__ import annotations

from typing import Final

SEND_TEXT: Final = "send_text"  # config {say: text}; exits `sent` and `failed`
STORE_FILE: Final = "store_file"  # config {direction: store}; exits `stored` and `failed`
TASKS: Final = (SEND_TEXT, STORE_FILE)
