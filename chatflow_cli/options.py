"""Options that several commands share, said in the same words everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="At most so many.")]
Since = Annotated[str, typer.Option(help="Not older: 30m, 2h, 3d, a date or a time.")]
Until = Annotated[str, typer.Option(help="Not newer.")]
Sure = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether you are sure.")]
Note = Annotated[str, typer.Option("--note", "-m", help="Why, for those who read the versions later.")]
Force = Annotated[bool, typer.Option("--force", help="Even though it is in use. Needs the role admin.")]
