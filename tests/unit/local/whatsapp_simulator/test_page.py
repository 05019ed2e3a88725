"""The chat page in a real browser: a person writes, sends an album, gets an answer with buttons and taps one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from local.simulator.sample_files import make_samples
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.programs import program
from tests.unit.local.whatsapp_simulator.bot import Bot
from tests.unit.local.whatsapp_simulator.conftest import RunningSimulator

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, simulator: RunningSimulator) -> Iterator[Page]:
    """The page, which must load nothing from elsewhere and report no error."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    page.on(
        "request", lambda asked: None if asked.url.startswith((simulator.url, "blob:")) else troubles.append(asked.url)
    )
    page.goto(simulator.url)
    yield page
    context.close()
    assert troubles == []


@pytest.fixture
def bot(simulator: RunningSimulator, business: WebhookReceiver) -> Iterator[Bot]:
    bot = Bot(simulator, business)
    yield bot
    bot.over.set()
    bot.thread.join(timeout=10)


def test_a_person_writes_sends_an_album_and_taps_a_button(
    page: Page, simulator: RunningSimulator, business: WebhookReceiver, bot: Bot
) -> None:
    make_samples(simulator.state.settings.data)
    photos = [simulator.state.settings.data / f"photo-{number}.jpg" for number in (1, 2, 3)]
    page.get_by_label("Message", exact=True).fill("My car is damaged")
    page.keyboard.press("Enter")
    log = page.get_by_role("log")
    expect(log.get_by_text("Please send photos.")).to_be_visible()
    expect(log.locator("b", has_text="photos")).to_have_count(1)
    page.locator("#pick").set_input_files(photos)
    expect(page.locator(".tray-item")).to_have_count(3)
    page.get_by_label("Message", exact=True).fill("All sides")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(log.locator(".album img")).to_have_count(3)
    page.get_by_role("button", name="That is all").click()
    expect(log.get_by_text("Ihr Bericht (Ü).pdf")).to_be_visible()
    expect(log.get_by_role("img", name="Read by the business")).to_have_count(3)
    received = business.messages()
    assert [message["type"] for message in received] == ["text", *["image"] * 3, "interactive"]
    assert received[-1]["interactive"]["button_reply"] == {"id": "yes", "title": "That is all"}
    with page.expect_download() as download:
        log.get_by_text("Ihr Bericht (Ü).pdf").click()
    assert download.value.suggested_filename == "Ihr Bericht (Ü).pdf"


def test_an_empty_chat_proposes_words_and_a_tap_writes_one(
    page: Page, simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    simulator.set(
        suggestions=[{"text": "damage", "about": "Report damage to a car"}, {"text": "file", "about": "x" * 90}]
    )
    page.reload()
    chips = page.get_by_role("group", name="Words to write").get_by_role("button")
    expect(chips).to_have_count(2)
    expect(page.get_by_text("You are the customer", exact=True)).to_be_visible()
    inside = "chip => chip.getBoundingClientRect().right <= chip.closest('.empty').getBoundingClientRect().right"
    assert chips.last.evaluate(inside)
    page.set_viewport_size({"width": 390, "height": 844})
    assert chips.last.evaluate(inside)
    chips.first.click()
    business.wait_for(lambda received: len(received) == 1)
    assert [message["text"]["body"] for message in business.messages()] == ["damage"]
    expect(chips).to_have_count(0)


def test_a_list_is_answered_with_the_keyboard(
    page: Page, simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    simulator.say("hello")
    rows = [{"id": "a", "title": "First"}, {"id": "b", "title": "Second", "description": "The other"}]
    action = {"button": "Choose one", "sections": [{"rows": rows}]}
    simulator.send("interactive", {"type": "list", "body": {"text": "Which?"}, "action": action})
    page.get_by_role("button", name="Choose one").press("Enter")
    expect(page.get_by_role("dialog", name="Choose one")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    business.wait_for(lambda _: business.messages()[-1]["type"] == "interactive")
    assert business.messages()[-1]["interactive"]["list_reply"]["id"] == "b"


def test_a_banner_says_when_the_business_cannot_be_reached(
    page: Page, simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    simulator.set(webhook_url="", retry_seconds=[60])
    expect(page.get_by_role("alert")).to_contain_text("no webhook yet")
    simulator.set(webhook_url="http://127.0.0.1:9/")
    simulator.say("hello")
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    simulator.set(webhook_url=business.url)
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.get_by_role("img", name="Delivered to the business")).to_be_visible()


def test_the_drawer_shows_the_signed_bytes(page: Page, simulator: RunningSimulator, business: WebhookReceiver) -> None:
    simulator.say("Grüße")
    (post,) = business.wait_for(lambda received: len(received) == 1)
    page.get_by_role("button", name="Show what goes over the wire").click()
    page.locator(".exchange summary", has_text="Webhook: text").click()
    drawer = page.get_by_role("complementary", name="On the wire")
    expect(drawer.get_by_text(post.headers["x-hub-signature-256"])).to_be_visible()
    drawer.get_by_role("button", name="As sent").first.click()
    assert drawer.locator(".bytes").first.text_content() == post.body.decode()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_samples_are_sent_from_the_menu(page: Page, simulator: RunningSimulator, business: WebhookReceiver) -> None:
    page.get_by_role("button", name="Attach").click()
    page.get_by_role("menuitem", name="A voice note").click()
    business.wait_for(lambda received: len(received) == 1)
    (message,) = business.messages()
    assert (message["audio"]["voice"], message["audio"]["mime_type"]) == (True, "audio/ogg; codecs=opus")
    expect(page.get_by_role("button", name="Play voice message")).to_be_visible()
    expect(page.locator(".voice-time")).to_have_text("0:05")


def test_a_person_of_the_business_answers_from_the_menu(
    page: Page, simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    page.get_by_role("button", name="Attach").click()
    page.get_by_role("menuitem", name="A person of the business answers").click()
    (post,) = business.wait_for(lambda received: len(received) == 1)
    assert b"smb_message_echoes" in post.body
    expect(page.get_by_role("main").get_by_text("Hello, I am a person.")).to_be_visible()
    expect(page.get_by_text("by hand", exact=True)).to_be_visible()


def test_every_control_has_a_name_at_phone_width(page: Page, simulator: RunningSimulator) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    simulator.say("hello")
    page.get_by_role("button", name="Choose a customer").click()
    page.get_by_role("button", name="Tom Okafor").click()
    expect(page.locator("#business-state")).to_have_text("You are Tom Okafor")
    page.get_by_role("button", name="Attach").click()
    expect(page.get_by_role("menuitem", name="A video")).to_be_visible()
    nameless = "[...document.querySelectorAll('button, input:not([type=file]), textarea')]"
    nameless += ".filter(e => !(e.ariaLabel || e.textContent.trim() || e.labels?.length)).map(e => e.outerHTML)"
    assert page.evaluate(nameless) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
