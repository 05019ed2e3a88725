"""Rules that only a whole flow, or several together, can break."""

from __future__ import annotations

from tests.fakes.flow_folders import FlowFolder

MEDIA = "type: media, direction: inbound, prompt: A photo, save_as: photo"
UPLOAD = '{type: api_integration, integration: upload, parameters: {file: "[[photo]]", plate: X}, exits: {success: end, failure: end}}'  # noqa: E501

ROUTES_TO_SECOND = "chatflow: 1\nroutes: [{flow: second}]\n"


def test_a_flow_has_at_most_two_hundred_nodes(folder: FlowFolder) -> None:
    def nodes(count: int) -> str:
        return "".join(f"  n{n}: {{type: text, say: Hi, then: n{n + 1}}}\n" for n in range(count - 1)) + (
            f"  n{count - 1}: {{type: text, say: Hi, then: end}}\n"
        )

    assert folder.flow_problems(nodes(200)) == []
    assert folder.flow_problems(nodes(201)) == ["nodes: At most 200 may be here; there are 201."]


def test_a_slice_that_is_too_large_is_told_at_its_first_node(folder: FlowFolder) -> None:
    def nodes(wait_in_between: bool) -> str:
        say = "x" * 4000
        texts = [f"  n{n}: {{type: text, say: {say}, then: n{n + 1}}}\n" for n in range(30)]
        if wait_in_between:
            texts[15] = "  n15: {type: input, prompt: Go on, save_as: a, then: n16}\n"
        return "".join(texts) + "  n30: {type: text, say: Hi, then: end}\n"

    problems = folder.flow_problems(nodes(wait_in_between=False))
    assert len(problems) == 1
    assert problems[0].startswith(
        "n0: What can follow this node in one turn is too large: 120 KB in 31 nodes, at most 96 KB."
    )
    assert folder.flow_problems(nodes(wait_in_between=True)) == []


def test_two_flows_cannot_have_one_name(folder: FlowFolder) -> None:
    again = (folder.path / "other.yaml").read_text()
    assert folder.problems({"zzz.yaml": again}) == [
        'zzz.yaml: flow: The flow "other" stands in other.yaml too. Give one of them another name.'
    ]


def test_no_flow_takes_the_name_under_which_the_routes_are_published(folder: FlowFolder) -> None:
    flow = (folder.path / "other.yaml").read_text().replace("flow: other", "flow: routes")
    assert folder.problems({"r.yaml": flow}) == ['r.yaml: flow: No flow can be called "routes". Give it another name.']


def test_flows_that_go_on_with_one_another_must_wait_somewhere(folder: FlowFolder) -> None:
    folder.project({"a.yaml": _going_on("a", "b"), "b.yaml": _going_on("b", "a")})
    assert folder.problems() == [
        "a.yaml: hi: This runs in a circle without waiting for the customer: a/hi > b/hi > a/hi. "
        "Put a node that waits (input, inbound media, menu) into it, or lead one of its exits elsewhere."
    ]
    waiting = "chatflow: 1\nflow: b\nstart: hi\nnodes: {hi: {type: input, prompt: Hi, save_as: x, then: {flow: a}}}\n"
    assert folder.problems({"b.yaml": waiting}) == []


def test_nodes_that_neither_call_nor_handle_files_may_stand_between_a_file_and_its_upload(folder: FlowFolder) -> None:
    assert (
        folder.flow_problems(f"""
  photo: {{{MEDIA}, then: thanks}}
  thanks: {{type: text, say: Thanks, then: note}}
  note: {{type: input, prompt: A note, save_as: note, then: keep}}
  keep: {{type: set_variable, set: {{a: "[[note]]"}}, then: sure}}
  sure: {{type: menu, prompt: Sure, options: [{{id: yes, title: Yes, then: size}}, {{id: no, title: No, then: photo}}]}}
  size: {{type: condition, cases: [{{if: "[[photo.kind]]", equals: image, then: upload}}], otherwise: upload}}
  upload: {UPLOAD}
""")
        == []
    )


def test_a_file_that_only_leads_back_to_itself_is_never_uploaded(folder: FlowFolder) -> None:
    problems = folder.flow_problems(f"  photo: {{{MEDIA}, then: photo}}\n")
    assert len(problems) == 1
    assert problems[0].endswith('It is not so where "photo" only leads back to itself.')


def test_a_file_whose_way_is_not_yet_written_is_not_told_twice(folder: FlowFolder) -> None:
    assert folder.flow_problems(f"  photo: {{{MEDIA}}}\n") == [
        'photo > exits.received: Where "received" leads is not written. Write the name of a node, or end.'
    ]


def test_a_file_whose_upload_is_still_to_be_mended_is_not_told_twice(folder: FlowFolder) -> None:
    nodes = (
        f"  photo: {{{MEDIA}, then: upload}}\n  upload: {UPLOAD.replace('integration: upload', 'integration: uplod')}\n"
    )
    assert folder.flow_problems(nodes) == [
        'upload > integration: There is no integration "uplod". Did you mean "upload"?'
    ]


def test_a_file_that_would_not_be_read_is_told(folder: FlowFolder) -> None:
    flow = (folder.path / "other.yaml").read_text()
    problems = folder.problems({"late.yml": flow, "more/late.yaml": flow})
    assert problems == [
        "late.yml: This file is not read. Let its name end in .yaml.",
        "more/late.yaml: This file is not read: routes.yaml, deployment.yaml and flows stand in the folder itself, "
        "integrations in integrations/.",
    ]


def test_files_that_cannot_be_read_are_told_but_not_missed(folder: FlowFolder) -> None:
    folder.project({"integrations/upload.yaml": "url: [", "second.yaml": "flow: [", "routes.yaml": ROUTES_TO_SECOND})
    nodes = (
        f"  photo: {{{MEDIA}, then: upload}}\n  upload: {UPLOAD.replace('success: end', 'success: {flow: second}')}\n"
    )
    problems = folder.flow_problems(nodes)
    assert [each.split(": ")[0] for each in problems] == ["integrations/upload.yaml", "second.yaml"]
    assert all("This is not YAML" in each for each in problems)


def test_a_folder_without_flows_is_told(folder: FlowFolder) -> None:
    (folder.path / "other.yaml").unlink()
    assert "There is no flow in this folder." in folder.problems()


def _going_on(name: str, other: str) -> str:
    return f"chatflow: 1\nflow: {name}\nstart: hi\nnodes: {{hi: {{type: text, say: Hi, then: {{flow: {other}}}}}}}\n"


def test_options_that_people_mean_the_same_by_are_told(folder: FlowFolder) -> None:
    def menu(*titles: str) -> str:
        options = ", ".join(f"{{id: o{number}, title: '{title}', then: end}}" for number, title in enumerate(titles))
        return f"  sure: {{type: menu, prompt: Sure, options: [{options}]}}\n"

    assert folder.flow_problems(menu("Sí", "si.")) == [
        'sure > options[1].title: Two options have the title "si". Change one of them.'
    ]
    assert folder.flow_problems(menu("A+", "A-", "C#", "C", "[[contact:name]]", "contact:name")) == []
