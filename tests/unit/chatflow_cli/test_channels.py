"""`chatflow channels`, with the WhatsApp simulator in place of WhatsApp and moto in place of AWS."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from chatflow.adapters import secrets
from chatflow.adapters.channel_accounts import ChannelAccounts
from chatflow.adapters.dynamodb.versions import VersionStore
from chatflow.errors import NotConnected
from chatflow.publishing.entries import entry_of
from chatflow.publishing.model import VersionChange
from chatflow_cli.channels.after_destroy import main as after_destroy
from chatflow_cli.channels.api import current_value
from chatflow_cli.doctor.account import Account
from local.loopback import listen, url_of
from local.simulator.server import SimulatorServer
from local.whatsapp_simulator.server import create_app
from local.whatsapp_simulator.settings import Settings
from tests.fakes.aws_account import moto
from tests.fakes.flow_folders import FlowFolder
from tests.fakes.publishing_tables import create_versions_table
from tests.fakes.stub_channel import stub_channel
from tests.unit.chatflow_cli.conftest import Chatflow, CommandResult

TOKEN = "EAAG-the-right-token"
NUMBER = "106540352242922"
SECOND = "106540352242923"
APP_SECRET = "0123456789abcdef0123456789abcdef"
OLDER = "Chatflow-dev/channels/whatsapp"
OWN = f"{OLDER}/{NUMBER}"
FRESH = {"app_secret": "r4nd0m" * 10, "access_token": "", "verify_token": "", "phone_number_id": ""}
BEFORE = {"app_secret": APP_SECRET, "access_token": TOKEN, "verify_token": "theirs", "phone_number_id": NUMBER}

# Each new session reads the models of the services again.
SHELL = Account(boto3.Session(region_name="eu-west-1"))


@pytest.fixture(scope="module")
def whatsapp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    listener = listen()
    url = url_of(listener)
    data = tmp_path_factory.mktemp("handset")
    settings = Settings(
        TOKEN, APP_SECRET, "theirs", NUMBER, public_url=url, data=data, other_phone_number_ids=(SECOND,)
    )
    server = SimulatorServer(create_app(settings))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"{url}/v23.0"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setattr(Account, "of_shell", lambda: SHELL)
    monkeypatch.delenv("AWS_REGION", raising=False)
    outputs = {
        "ChannelSecretWhatsapp": OLDER,
        "ConversationSecret": "Chatflow-dev/conversation-key",
        "WebhookUrl": "https://api.example/webhooks/{channel}",
        "FlowsTable": "flows",
        "AssetsTable": "assets",
    }
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    with moto():
        boto3.client("cloudformation").create_stack(StackName="Chatflow-dev", TemplateBody=json.dumps(template))
        manager().create_secret(Name=OLDER, SecretString=json.dumps(FRESH))
        manager().create_secret(Name="Chatflow-dev/conversation-key", SecretString="k")
        manager().create_secret(Name="Chatflow-prod/channels/whatsapp/7", SecretString="{}")
        yield


def manager() -> Any:
    return boto3.client("secretsmanager")


def stored(secret: str = OWN) -> Any:
    return json.loads(manager().get_secret_value(SecretId=secret)["SecretString"])


def names(*, deleted: bool = False) -> list[str]:
    found = manager().list_secrets(IncludePlannedDeletion=deleted)["SecretList"]
    return sorted(each["Name"] for each in found if each["Name"].startswith(f"{OLDER}/"))


@pytest.fixture
def connect(chatflow: Chatflow, whatsapp: str) -> Callable[..., CommandResult]:
    def run(*typed: str, more: tuple[str, ...] = (), url: str = whatsapp) -> CommandResult:
        words = ("channels", "connect", "whatsapp", "--url", url, *more)
        return chatflow(*words, typed="".join(f"{line}\n" for line in typed))

    return run


def test_what_the_channel_confirms_is_stored_in_a_secret_of_the_account(connect: Callable[..., CommandResult]) -> None:
    connected = connect(NUMBER, TOKEN, APP_SECRET)
    assert connected.code == 0
    credentials = stored()
    assert credentials.pop("verify_token") in connected.out
    assert credentials == {"access_token": TOKEN, "app_secret": APP_SECRET, "phone_number_id": NUMBER}
    assert "Chatflow Demo (15550783881) is connected" in connected.out
    assert f"Callback URL: https://api.example/webhooks/whatsapp/{NUMBER}" in connected.out
    assert "subscribe to messages" in connected.out
    assert stored(OLDER) == FRESH
    described = manager().describe_secret(SecretId=OWN)
    assert {each["Key"]: each["Value"] for each in described["Tags"]} == {
        "chatflow:stack": "Chatflow-dev",
        "chatflow:channel": "whatsapp",
        "chatflow:account": NUMBER,
        "chatflow:name": "Chatflow Demo 15550783881",
    }
    assert "KmsKeyId" not in described


MENU = """\
chatflow: 1
flow: other
start: ask
nodes:
  ask: {type: menu, prompt: Which one, options: [{id: a, title: A title of thirty characters..}], then: end}
"""


def test_live_flows_that_do_not_fit_the_channel_are_listed_and_stay_live(
    connect: Callable[..., CommandResult], tmp_path: Path
) -> None:
    """They were published for a channel with longer titles."""
    with stub_channel(tmp_path / "channels", "pigeon"):
        routes = "chatflow: 1\nroutes: [{flow: other}]\nchannels: [pigeon]\n"
        project = FlowFolder(tmp_path / "flows").project({"other.yaml": MENU, "routes.yaml": routes})
        for table in ("flows", "assets"):
            create_versions_table(table)
        store = VersionStore("flows", "assets")
        for id in ("flow/other", "routes/routes"):
            version = store.add(entry_of(project, id), "deploy", 1)
            store.switch([VersionChange(id, version, 0)])
        connected = connect(NUMBER, TOKEN, APP_SECRET)
    assert connected.code == 0
    assert "Live flows that do not fit this channel. They stay as they are." in connected.out
    assert "On WhatsApp, the title of an option has at most 24 characters, and this one has 30" in connected.out
    assert [store.live(id).version for id in ("flow/other", "routes/routes")] == [1, 1]  # type: ignore[union-attr]


def test_an_account_is_connected_when_the_live_flows_cannot_be_read(connect: Callable[..., CommandResult]) -> None:
    connected = connect(NUMBER, TOKEN, APP_SECRET)
    assert connected.code == 0
    assert "Warning: The live flows were not checked for this channel." in connected.out
    assert names() == [OWN]


def test_a_new_secret_is_encrypted_with_the_deployments_key(connect: Callable[..., CommandResult]) -> None:
    key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    manager().update_secret(SecretId="Chatflow-dev/conversation-key", KmsKeyId=key)
    assert connect(NUMBER, TOKEN, APP_SECRET).code == 0
    assert manager().describe_secret(SecretId=OWN)["KmsKeyId"] == key


def test_a_second_account_has_a_secret_of_its_own(connect: Callable[..., CommandResult], chatflow: Chatflow) -> None:
    assert connect(NUMBER, TOKEN, APP_SECRET).code == 0
    assert connect(TOKEN, APP_SECRET, more=("--account", SECOND)).code == 0
    assert names() == [OWN, f"{OLDER}/{SECOND}"]
    assert stored()["verify_token"] != stored(f"{OLDER}/{SECOND}")["verify_token"]
    listed = chatflow("channels", "list", "--json").json["items"]
    assert [(each["account"], each["name"]) for each in listed] == [
        (NUMBER, "Chatflow Demo 15550783881"),
        (SECOND, "Chatflow Demo 15550783881"),
    ]


def test_no_command_shows_a_secret(connect: Callable[..., CommandResult], chatflow: Chatflow, whatsapp: str) -> None:
    manager().put_secret_value(SecretId=OLDER, SecretString=json.dumps({**BEFORE, "phone_number_id": SECOND}))
    results = [
        connect(NUMBER, TOKEN, APP_SECRET),
        connect(NUMBER, "EAAG-a-wrong-token-entirely", APP_SECRET),
        chatflow("channels", "list"),
        chatflow("channels", "list", "--json"),
        chatflow("channels", "check", "--url", whatsapp, "--json"),
        chatflow(
            "channels", "rotate", "whatsapp", "app_secret", "--account", NUMBER, "--url", whatsapp, typed="ABC-1\n"
        ),
        chatflow("channels", "disconnect", "whatsapp", "--account", NUMBER, "--yes"),
    ]
    assert [each.code for each in results] == [0, 1, 0, 0, 1, 0, 0]
    shown = "".join(each.out + each.err for each in results)
    secrets = (TOKEN, APP_SECRET, "EAAG-a-wrong-token-entirely", "ABC-1", "theirs")
    assert [secret for secret in secrets if secret in shown] == []


def test_credentials_that_the_channel_refuses_are_not_stored(connect: Callable[..., CommandResult]) -> None:
    refused = connect(NUMBER, "EAAG-wrong", APP_SECRET)
    assert (refused.code, names()) == (1, [])
    assert "WhatsApp refused it" in refused.err
    assert connect("999", TOKEN, APP_SECRET).code == 1
    assert names() == []


def test_a_channel_that_is_not_there_changes_nothing(connect: Callable[..., CommandResult]) -> None:
    with listen() as nobody:
        url = url_of(nobody)
    failed = connect(NUMBER, TOKEN, APP_SECRET, url=f"{url}/v23.0")
    assert (failed.code, names()) == (6, [])
    assert "could not be asked" in failed.err


@pytest.mark.parametrize("account", ["a.b", "../x", "é", "x" * 65, "a/b", "-1", "1 2"])
def test_what_cannot_be_an_account_is_refused(connect: Callable[..., CommandResult], account: str) -> None:
    refused = connect(TOKEN, APP_SECRET, more=(f"--account={account}",))
    assert (refused.code, names()) == (2, [])
    assert "cannot be an account" in refused.err


@pytest.mark.parametrize("typed", [("", TOKEN, APP_SECRET), (NUMBER, "", APP_SECRET), (NUMBER, TOKEN, ""), (NUMBER,)])
def test_a_field_without_a_value_stores_nothing(connect: Callable[..., CommandResult], typed: tuple[str, ...]) -> None:
    assert connect(*typed).code == 2
    assert names() == []


def test_enter_keeps_what_is_stored(connect: Callable[..., CommandResult]) -> None:
    assert connect(NUMBER, TOKEN, APP_SECRET).code == 0
    before = stored()
    assert connect(NUMBER, "", "another-app-secret").code == 0
    assert stored() == {**before, "app_secret": "another-app-secret"}


def test_the_account_of_the_older_secret_stays_in_it(connect: Callable[..., CommandResult]) -> None:
    """Its webhook may still be the one of the channel alone, which that secret verifies."""
    manager().put_secret_value(SecretId=OLDER, SecretString=json.dumps(BEFORE))
    assert connect(NUMBER, "", "another-app-secret").code == 0
    assert names() == []
    assert stored(OLDER) == {**BEFORE, "app_secret": "another-app-secret"}
    assert connect(SECOND, TOKEN, APP_SECRET).code == 0
    assert stored(OLDER)["phone_number_id"] == NUMBER


@pytest.mark.parametrize("content", ["no json", "[]", json.dumps({**BEFORE, "phone_number_id": SECOND})])
def test_a_secret_with_garbage_or_another_accounts_values_is_not_overwritten(
    connect: Callable[..., CommandResult], content: str
) -> None:
    manager().create_secret(Name=OWN, SecretString=content)
    refused = connect(NUMBER, TOKEN, APP_SECRET)
    assert refused.code == 5
    assert f"The secret {OWN} holds" in refused.err
    assert manager().get_secret_value(SecretId=OWN)["SecretString"] == content


def test_a_disconnected_account_is_connected_again(connect: Callable[..., CommandResult], chatflow: Chatflow) -> None:
    assert connect(NUMBER, TOKEN, APP_SECRET).code == 0
    assert chatflow("channels", "disconnect", "whatsapp", "--yes").code == 0
    assert (names(), names(deleted=True)) == ([], [OWN])
    assert "No account" in chatflow("channels", "list").out
    assert connect(NUMBER, TOKEN, "new-app-secret").code == 0
    assert stored()["app_secret"] == "new-app-secret"


def test_that_the_older_secret_serves_other_numbers_is_said_before_and_after_they_are_cut_off(
    connect: Callable[..., CommandResult], chatflow: Chatflow
) -> None:
    manager().put_secret_value(SecretId=OLDER, SecretString=json.dumps({**BEFORE, "phone_number_id": SECOND}))
    others = "every other account of its app that has no secret of its own"
    assert connect(NUMBER, TOKEN, APP_SECRET).code == 0
    listed = " ".join(chatflow("channels", "list").out.split())
    assert listed.count(others) == 1
    assert f"The secret of {SECOND} also serves {others}" in listed
    for number, is_said in ((NUMBER, False), (SECOND, True)):
        words = ("channels", "disconnect", "whatsapp", "--account", number)
        asked, done = chatflow(*words, typed="n\n"), chatflow(*words, "--yes")
        assert (asked.code, done.code) == (2, 0)
        for result in (asked, done):
            assert (others in " ".join((result.out + result.err).split())) == is_said
        assert serves("7") != is_said


def test_disconnecting_the_account_of_the_older_secret_leaves_a_random_value(chatflow: Chatflow) -> None:
    manager().put_secret_value(SecretId=OLDER, SecretString=json.dumps(BEFORE))
    assert chatflow("channels", "disconnect", "whatsapp", "--yes").code == 0
    now = stored(OLDER)
    assert len(now.pop("app_secret")) >= 64
    assert now == {"access_token": "", "verify_token": "", "phone_number_id": ""}
    assert chatflow("channels", "disconnect", "whatsapp", "--yes").code == 4


def test_a_disconnected_number_gets_no_credentials_of_the_older_secret_whatever_happens_afterwards(
    connect: Callable[..., CommandResult], chatflow: Chatflow, whatsapp: str
) -> None:
    """Seven days later Secrets Manager knows nothing of the number's own secret any more."""
    manager().put_secret_value(SecretId=OLDER, SecretString=json.dumps({**BEFORE, "phone_number_id": SECOND}))
    assert connect(NUMBER, TOKEN, APP_SECRET).code == 0
    assert chatflow("channels", "disconnect", "whatsapp", "--account", NUMBER, "--yes").code == 0
    manager().delete_secret(SecretId=OWN, ForceDeleteWithoutRecovery=True)
    words = ("whatsapp", "--account", SECOND, "--url", whatsapp)
    for command in ("list", "connect", "rotate", "disconnect"):
        if command == "connect":
            assert connect("", "another-app-secret", more=("--account", SECOND)).code == 0
        elif command == "rotate":
            assert chatflow("channels", "rotate", "whatsapp", "verify_token", *words[1:]).code == 0
        elif command == "disconnect":
            assert chatflow("channels", "disconnect", *words, "--yes").code == 0
        assert not serves(NUMBER), command
        assert serves(SECOND) == (command != "disconnect")
    assert connect(NUMBER, TOKEN, APP_SECRET).code == 0
    assert serves(NUMBER)


def test_a_number_that_moved_out_of_the_older_secret_is_disconnected_for_good(
    connect: Callable[..., CommandResult], chatflow: Chatflow
) -> None:
    manager().create_secret(Name=OWN, SecretString=json.dumps(BEFORE))
    manager().put_secret_value(SecretId=OLDER, SecretString=json.dumps(BEFORE))
    assert chatflow("channels", "disconnect", "whatsapp", "--yes").code == 0
    manager().delete_secret(SecretId=OWN, ForceDeleteWithoutRecovery=True)
    assert not serves(NUMBER)
    assert chatflow("channels", "list", "--json").json["items"] == []
    assert connect(NUMBER, TOKEN, APP_SECRET).code == 0
    assert (names(), serves(NUMBER)) == ([OWN], True)


def serves(account: str) -> bool:
    """Whether functions find a token to send with from this account."""
    secrets._cache.clear()
    try:
        return bool(ChannelAccounts("Chatflow-dev/channels/").credentials("whatsapp", account)["access_token"])
    except NotConnected:
        return False


def test_without_a_yes_nothing_is_disconnected(connect: Callable[..., CommandResult], chatflow: Chatflow) -> None:
    assert connect(NUMBER, TOKEN, APP_SECRET).code == 0
    assert chatflow("channels", "disconnect", "whatsapp", typed="n\n").code == 2
    assert names() == [OWN]


def test_of_several_accounts_one_must_be_named(connect: Callable[..., CommandResult], chatflow: Chatflow) -> None:
    for number in (NUMBER, SECOND):
        assert connect(number, TOKEN, APP_SECRET).code == 0
    refused = chatflow("channels", "disconnect", "whatsapp", "--yes")
    assert refused.code == 5
    assert f"{NUMBER}, {SECOND}" in refused.err
    assert chatflow("channels", "disconnect", "whatsapp", "--account", "7", "--yes").code == 4
    assert len(names()) == 2


def test_a_field_that_accepts_a_list_is_rotated_in_two_steps(
    connect: Callable[..., CommandResult], chatflow: Chatflow, whatsapp: str
) -> None:
    connect(NUMBER, TOKEN, APP_SECRET)
    words = ("channels", "rotate", "whatsapp", "app_secret", "--url", whatsapp)
    rotated = chatflow(*words, typed="new-secret\n")
    assert rotated.code == 0
    assert "rotate whatsapp app_secret" in rotated.out
    assert stored()["app_secret"] == ["new-secret", APP_SECRET]
    assert chatflow(*words, typed="newer\n").code == 5
    assert chatflow(*words, "--finish").code == 0
    assert stored()["app_secret"] == "new-secret"
    assert chatflow(*words, "--finish").code == 2


def test_a_token_is_replaced_when_the_channel_takes_the_new_one(
    connect: Callable[..., CommandResult], chatflow: Chatflow, whatsapp: str
) -> None:
    connect(NUMBER, TOKEN, APP_SECRET)
    words = ("channels", "rotate", "whatsapp", "access_token", "--url", whatsapp)
    assert chatflow(*words, typed="EAAG-wrong\n").code == 1
    assert stored()["access_token"] == TOKEN
    assert chatflow(*words, typed=f"{TOKEN}\n").code == 0
    assert chatflow(*words, typed="\n").code == 2


def test_a_value_that_is_ours_to_choose_is_renewed_and_shown_to_be_pasted(
    connect: Callable[..., CommandResult], chatflow: Chatflow, whatsapp: str
) -> None:
    connect(NUMBER, TOKEN, APP_SECRET)
    old = stored()["verify_token"]
    rotated = chatflow("channels", "rotate", "whatsapp", "verify_token", "--url", whatsapp)
    new, *others = stored()["verify_token"]
    assert (rotated.code, others) == (0, [old])
    assert f"Verify token: {new}" in rotated.out
    assert old not in rotated.out
    again = chatflow("channels", "rotate", "whatsapp", "verify_token", "--url", whatsapp)
    assert (again.code, stored()["verify_token"]) == (0, [new, old])
    assert f"Verify token: {new}" in again.out


@pytest.mark.parametrize("field", ["phone_number_id", "nothing", ""])
def test_what_is_no_field_to_rotate_is_named(
    connect: Callable[..., CommandResult], chatflow: Chatflow, field: str
) -> None:
    connect(NUMBER, TOKEN, APP_SECRET)
    refused = chatflow("channels", "rotate", "whatsapp", field)
    assert refused.code == 2
    assert "access_token, app_secret, verify_token" in refused.err


def test_a_stack_or_a_channel_that_is_not_there_is_named(chatflow: Chatflow) -> None:
    assert "no stack Chatflow-prod" in chatflow("channels", "list", "--stage", "prod").err
    refused = chatflow("channels", "connect", "pigeon")
    assert (refused.code, "pigeon" in refused.err) == (2, True)


def test_the_accounts_of_a_deleted_stack_are_removed_and_of_no_other(connect: Callable[..., CommandResult]) -> None:
    assert connect(NUMBER, TOKEN, APP_SECRET).code == 0
    assert after_destroy(["dev"]) == 0
    assert names() == [OWN], "the stack still exists"
    boto3.client("cloudformation").delete_stack(StackName="Chatflow-dev")
    assert after_destroy(["dev"]) == 0
    assert names() == [OWN], "it kept its data"
    manager().delete_secret(SecretId="Chatflow-dev/conversation-key", ForceDeleteWithoutRecovery=True)
    assert after_destroy(["dev"]) == 0
    assert (names(), names(deleted=True)) == ([], [OWN])
    assert "DeletedDate" not in manager().describe_secret(SecretId="Chatflow-prod/channels/whatsapp/7")


def test_make_calls_these_commands() -> None:
    recipe = (Path(__file__).parents[3] / "Makefile").read_text()
    assert "chatflow channels connect $* --stage $(STAGE) $(ARGS)" in recipe
    assert "-m chatflow_cli.channels.after_destroy $(STAGE) --outputs" in recipe
    assert '-m chatflow_cli.channels.after_destroy $(STAGE) "$$outputs"' in recipe


def test_while_a_field_is_rotated_the_new_one_is_what_a_person_is_told() -> None:
    assert current_value(["new", "old"]) == "new"
    assert current_value("only") == "only"
