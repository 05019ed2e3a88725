"""A change is validated with the flows that it can touch, and finds what a validation of all flows finds."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml

from chatflow.flows.interfaces import Interface, storable, stored_interface
from chatflow.flows.problems import Problem
from chatflow.flows.project import assemble
from chatflow.flows.validation import check, problems_on, variables_by_node
from chatflow.flows.yaml_documents import as_yaml
from chatflow.publishing.documents import document, file_of
from chatflow.publishing.live_validation import LiveProject
from chatflow.publishing.model import ROUTES_ID, Source

VARIABLES = ("photo", "plate", "name", "other")


def exits(choice: random.Random, flows: Collection[str], nodes: Collection[str]) -> Any:
    target = choice.choice([*nodes, "end", *flows])
    return {"flow": target} if target in flows else target


def a_node(choice: random.Random, flows: Collection[str], nodes: Collection[str]) -> dict[str, Any]:
    """One of the kinds of node that set variables, copy them, lose them, ask for them, or lead to other flows."""

    def to() -> Any:
        return exits(choice, flows, nodes)

    variable, other = choice.choice(VARIABLES), choice.choice(VARIABLES)
    return choice.choice(
        [
            {"type": "text", "say": f"Hello [[{variable}]]", "then": to()},
            {"type": "text", "say": "Hello", "then": to()},
            {"type": "input", "prompt": "What?", "save_as": variable, "exits": {"received": to(), "gave_up": to()}},
            {
                "type": "media",
                "direction": "inbound",
                "prompt": "A photo, please",
                "accept": ["image"],
                "save_as": variable,
                "exits": {"received": to(), "gave_up": to(), "timeout": to()},
                "timeout": "5m",
            },
            {"type": "set_variable", "set": {variable: f"[[{other}]]"}, "then": to()},
            {"type": "set_variable", "set": {variable: "a text"}, "then": to()},
            {"type": "delay", "for": "1h", "then": to()},
            {
                "type": "api_integration",
                "integration": choice.choice(["upload", "uplaod"]),
                "parameters": {"file": f"[[{variable}]]"},
                "exits": {"success": to(), "failure": to()},
            },
            {
                "type": "api_integration",
                "integration": "ask",
                "save_as": other,
                "then": to(),
                "exits": {"failure": to()},
            },
        ]
    )


def a_flow(choice: random.Random, name: str, flows: Collection[str], *, broken: float = 0) -> str:
    nodes = [f"n{number}" for number in range(choice.randint(1, 4))]
    written: dict[str, Any] = {"chatflow": 1, "flow": name, "start": "n0"}
    if choice.random() < 0.3:
        written["session"] = {"on_timeout": choice.choice(nodes)}
    if choice.random() < 0.2:
        written["given"] = [choice.choice(VARIABLES)]
    content = {node: a_node(choice, flows, nodes) for node in nodes}
    if choice.random() < broken:
        fields = content[choice.choice(nodes)]
        fields[choice.choice(list(fields))] = choice.choice(["", 7, None])
    return as_yaml({**written, "nodes": content})


def an_integration(name: str, parameter: str) -> str:
    part = {"name": "file", "file": f"[[{parameter}]]"}
    request = {"content_type": "multipart/form-data", "parts": [part]}
    written = {"integration": name, "method": "POST", "url": f"https://{name}.example/x"}
    return as_yaml(
        {**written, "request": request} if parameter else {**written, "url": f"https://{name}.example/[[name]]"}
    )


def a_project(choice: random.Random) -> dict[str, str]:
    names = [f"f{number}" for number in range(choice.randint(2, 7))]
    routed = choice.sample(names, choice.randint(1, 2))
    routes = [
        {"flow": flow, "keywords": [flow], "channel": choice.choice(["whatsapp", "telegram", ""])} for flow in routed
    ]
    return {
        **{f"flow/{name}": a_flow(choice, name, choice.sample(names, 2)) for name in names},
        ROUTES_ID: as_yaml({"chatflow": 1, "routes": routes, "channels": choice.choice([[], ["telegram"]])}),
        "integration/upload": an_integration("upload", "file"),
        "integration/ask": an_integration("ask", ""),
    }


def a_change(choice: random.Random, texts: Mapping[str, str]) -> dict[str, str | None]:
    flows = [id.partition("/")[2] for id in texts if id.startswith("flow/")]
    name = choice.choice([*flows, "f9"])
    return choice.choice(
        [
            {f"flow/{name}": a_flow(choice, name, choice.sample(flows, 2), broken=0.3)},
            {f"flow/{name}": a_flow(choice, name, choice.sample(flows, 2))},
            {f"flow/{choice.choice(flows)}": None},
            {"integration/upload": an_integration("upload", choice.choice(VARIABLES))},
            {"integration/upload": None},
            {ROUTES_ID: a_project(choice)[ROUTES_ID]},
        ]
    )


def problems_of(texts: Mapping[str, str | None]) -> list[Problem]:
    """What a validation of every flow finds."""
    documents = [document(id, text) for id, text in texts.items() if text is not None]
    return check(assemble({each.file: each for each in documents}, (), {}))


def reported(known: list[Problem], found: list[Problem], changed: Mapping[str, str | None]) -> set[tuple[object, ...]]:
    """The problems of the changed documents, and those of others that are new."""
    files = {file_of(id) for id, text in changed.items() if text is not None}
    before = {each.identity for each in known}
    return {each.identity for each in found if each.file and (each.file in files or each.identity not in before)}


def copies_nothing(problems: list[Problem]) -> bool:
    """Whether a variable is copied that nothing sets. That is a problem, and what the copy holds is not defined."""
    return any(each.field.startswith("set.") for each in problems)


def published(texts: Mapping[str, str]) -> LiveProject:
    """The live project as the tables hold it: without texts, with stored interfaces."""
    computed = LiveProject({id: Source(1, text) for id, text in texts.items()})
    stored = {name: stored_interface(storable(each)) for name, each in computed.interfaces.items()}
    uses = {id: {"flows": flows_in(text), "integrations": ["ask", "upload"]} for id, text in texts.items()}
    sources = {id: Source(1, None, uses[id], stored.get(id.removeprefix("flow/"))) for id in texts}
    return LiveProject(sources, (), lambda versions: {id: texts[id] for id in versions})


def flows_in(text: str) -> list[str]:
    return [f"f{number}" for number in range(10) if f"flow: f{number}" in text]


@pytest.mark.parametrize("seed", range(40))
def test_a_change_has_the_problems_and_variables_that_a_validation_of_all_flows_finds(seed: int) -> None:
    choice = random.Random(seed)  # noqa: S311
    texts = a_project(choice)
    live, known = published(texts), problems_of(texts)
    for _ in range(3):
        changed = a_change(choice, texts)
        found = problems_of({**texts, **changed})
        if copies_nothing(known) or copies_nothing(found):
            continue
        expected = reported(known, found, changed)
        assert {each.identity for each in live.problems_with(changed)} == expected, changed
        for id, text in changed.items():
            if text is not None and id.startswith("flow/"):
                documents = [document(id, text) for id, text in {**texts, **changed}.items() if text]
                whole = assemble({each.file: each for each in documents}, (), {})
                assert live.variables_with(id, text) == variables_by_node(whole, file_of(id))


@pytest.mark.parametrize("to", ["end", "{flow: f0}"])  # alone, or in the middle of everything
def test_among_many_flows_only_those_are_read_that_a_change_touches(to: str) -> None:
    def flow(number: int, say: str = "Hi", then: str = to) -> str:
        nodes = f"{{type: input, prompt: {say}, save_as: v{number}, exits: {{received: {then}}}}}"
        return f"chatflow: 1\nflow: f{number}\nstart: ask\nnodes: {{ask: {nodes}}}\n"

    many = 60
    options = "[" + ", ".join(f"{{id: a{each}, title: b{each}, then: {{flow: f{each}}}}}" for each in range(1, 9)) + "]"
    menu = f"{{type: menu, prompt: Which one, options: {options}}}"
    texts = {f"flow/f{number}": flow(number) for number in range(1, many)}
    texts["flow/f0"] = f"chatflow: 1\nflow: f0\nstart: ask\nnodes: {{ask: {menu}}}\n"
    texts["flow/reads"] = (
        'chatflow: 1\nflow: reads\nstart: say\nnodes: {say: {type: text, say: "[[v9]]", then: {flow: f1}}}\n'
    )
    texts[ROUTES_ID] = "chatflow: 1\nroutes: [{flow: f0}]\n"

    def read_for(changed: str, text: str) -> set[str]:
        found: set[str] = set()
        live = published(texts)

        def read(versions: Mapping[str, int]) -> Mapping[str, str]:
            found.update(versions)
            return {id: texts[id] for id in versions}

        LiveProject(live.sources, (), read).problems_with({changed: text})
        return found

    assert read_for("flow/f3", flow(3, "Hello")) == {"flow/f3", ROUTES_ID}
    assert read_for("flow/f3", flow(3, then="{flow: f4}")) == {"flow/f3", ROUTES_ID}
    # A flow that asks for a variable is read when it is set now, and the integration of a flow with the flow.
    assert read_for("flow/f9", flow(9, then="{flow: reads}")) == {"flow/f9", "flow/reads", ROUTES_ID}


def reading(live: LiveProject, texts: Mapping[str, str]) -> tuple[LiveProject, list[str]]:
    """The live project, and the ids of the texts that it reads."""
    read: list[str] = []

    def record(versions: Mapping[str, int]) -> Mapping[str, str]:
        read.extend(versions)
        return {id: texts[id] for id in versions}

    return replace(live, read=record), read


def with_menus(texts: Mapping[str, str], choice: random.Random) -> dict[str, str]:
    """The project with a menu in each flow, of whose titles some are too long for a channel."""
    found = dict(texts)
    for id in (id for id in texts if id.startswith("flow/")):
        written = yaml.safe_load(texts[id])
        options = [{"id": f"o{each}", "title": choice.randint(15, 90) * "x"} for each in range(choice.randint(1, 4))]
        written["nodes"]["choose"] = {"type": "menu", "prompt": "Which one", "options": options, "then": "end"}
        found[id] = as_yaml(written)
    return found


def test_a_channel_has_the_problems_that_a_validation_of_all_flows_finds() -> None:
    seen = 0
    for seed in range(20):
        choice = random.Random(seed)  # noqa: S311
        texts = with_menus(a_project(choice), choice)
        documents = [document(id, text) for id, text in texts.items()]
        project = assemble({each.file: each for each in documents}, (), {})
        for channel in ("whatsapp", "telegram"):
            expected = problems_on(project, channel)
            assert published(texts).problems_on(channel) == expected
            seen += len(expected[0]) + len(expected[1])
    assert seen > 20


def test_of_flows_that_stay_on_another_channel_none_is_read_for_a_channel() -> None:
    def flow(name: str, then: str) -> str:
        return f"chatflow: 1\nflow: {name}\nstart: hi\nnodes: {{hi: {{type: text, say: Hi, then: {then}}}}}\n"

    chain = {f"flow/f{each}": flow(f"f{each}", f"{{flow: f{each + 1}}}") for each in range(3, 9)}
    texts = {
        "flow/f0": flow("f0", "{flow: f1}"),
        "flow/f1": flow("f1", "end"),
        **chain,
        "flow/f9": flow("f9", "{flow: f3}"),
        ROUTES_ID: "chatflow: 1\nroutes: [{flow: f9, keywords: [a], channel: telegram}, {flow: f0}]\n",
    }
    live, read = reading(published(texts), texts)
    live.problems_on("whatsapp")
    assert sorted(read) == ["flow/f0", "flow/f1", ROUTES_ID]


def test_interfaces_of_an_earlier_release_are_found_once_though_a_process_ends_halfway() -> None:
    flows = 120
    texts = {f"flow/f{each}": a_flow(random.Random(each), f"f{each}", ["f0"]) for each in range(flows)}  # noqa: S311
    texts |= {"integration/upload": an_integration("upload", "file"), "integration/ask": an_integration("ask", "")}
    stored: dict[str, Interface] = {}

    def upgraded(most: int) -> tuple[LiveProject, list[str]]:
        """The live project as a new process reads it, which ends when it has stored so many interfaces."""

        def store(found: Mapping[str, tuple[int, Interface]]) -> None:
            if len(stored) >= most:
                raise KeyboardInterrupt
            assert not stored.keys() & found.keys()
            stored.update({flow: interface for flow, (_version, interface) in found.items()})

        found = {id: Source(1, None, interface=stored.get(id.removeprefix("flow/"))) for id in texts}
        live, read = reading(LiveProject(found), texts)
        return replace(live, store=store), read

    first, read = upgraded(most=50)
    with pytest.raises(KeyboardInterrupt):
        _ = first.interfaces
    assert len([id for id in read if id.startswith("flow/")]) == 100  # not all of them at once
    second, read = upgraded(most=flows)
    assert set(second.interfaces) == {f"f{each}" for each in range(flows)}
    assert len([id for id in read if id.startswith("flow/")]) == flows - 50
    third, read = upgraded(most=flows)
    assert third.interfaces == second.interfaces == published(texts).interfaces
    assert read == []


def test_an_interface_of_this_format_stays_as_it_is() -> None:
    """When this changes, though the flow did not, the number `FORMAT` must change, too: it says what was stored."""
    flow = {
        "chatflow": 1,
        "flow": "a",
        "start": "ask",
        "given": ["order"],
        "session": {"on_timeout": "bye"},
        "nodes": {
            "ask": {
                "type": "media",
                "direction": "inbound",
                "prompt": "A photo of [[order]], please",
                "accept": ["image"],
                "save_as": "photo",
                "exits": {"received": "copy", "gave_up": {"flow": "b"}},
            },
            "copy": {"type": "set_variable", "set": {"kept": "[[photo]]", "plate": "[[number]]"}, "then": "bye"},
            "bye": {"type": "text", "say": "Bye", "then": {"flow": "c"}},
        },
    }
    live = LiveProject({"flow/a": Source(1, as_yaml(flow))})
    assert storable(live.interfaces["a"]) == {
        "format": 1,
        "given": ["order"],
        "ways": {
            "b": [[["ask_failure", "object"], ["failure", "object"], ["order", "value"]], [], ["failure"]],
            "c": [[["kept", "received"], ["order", "value"], ["photo", "received"]], [["plate", "number"]], []],
        },
        "leads_to": ["b", "c"],
        "at_once": [],
        "asks": [
            "Bye",
            "b",
            "bye",
            "c",
            "copy",
            "image",
            "inbound",
            "media",
            "number",
            "order",
            "photo",
            "set_variable",
            "text",
        ],
    }
