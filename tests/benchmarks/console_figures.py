"""What a browser loads for the pages of the web console, beside the goals: `make console-figures`."""

from __future__ import annotations

from tests.console_build import EDITOR, FIRST_LOAD, frame_files, kilobytes, page_files

ROW = "{:<44}{:>8}{:>8}"


def main() -> None:
    first = frame_files() | page_files("flows-page")
    editor = page_files("editor-page") - first
    print(ROW.format("kB after gzip, JavaScript and CSS", "goal", "now"))  # noqa: T201
    print(ROW.format("first load: the list of flows", FIRST_LOAD, round(kilobytes(first))))  # noqa: T201
    print(ROW.format("the editor, in addition", EDITOR, round(kilobytes(editor))))  # noqa: T201
    for page in ("assets-page", "integrations-page", "sessions-page"):
        print(ROW.format(f"{page}, in addition", "", round(kilobytes(page_files(page) - first))))  # noqa: T201


if __name__ == "__main__":
    main()
