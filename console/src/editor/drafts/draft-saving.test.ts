import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DraftSaving, type DraftServer } from "./draft-saving";
import { opened, type Stored } from "./draft-state";

const STORED: Stored = { etag: "r1", text: "old", by: "Ann", at: "" };
const AWAY = new Error("away");

let server: { [method in keyof DraftServer]: ReturnType<typeof vi.fn<DraftServer[method]>> };
let saving: DraftSaving;

beforeEach(() => {
  vi.useFakeTimers();
  server = {
    save: vi.fn(async () => ({ etag: "r2", by: "Ann", at: "" })),
    read: vi.fn(async () => STORED),
    troubleOf: vi.fn(() => ({ kind: "away" }) as const),
  };
  saving = new DraftSaving(opened(STORED), server);
});

afterEach(() => vi.useRealTimers());

describe("a changed draft", () => {
  it("is saved two seconds after the last change", async () => {
    saving.send({ type: "edited", text: "n" });
    await vi.advanceTimersByTimeAsync(1_900);
    saving.send({ type: "edited", text: "new" });
    await vi.advanceTimersByTimeAsync(1_900);
    expect(server.save).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(server.save).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ text: "new", etag: "r1" }));
    expect(saving.state.seen.etag).toBe("r2");
  });

  it("is saved at once when the user asks", async () => {
    saving.send({ type: "edited", text: "new" });
    saving.send({ type: "save" });
    expect(server.save).toHaveBeenCalledOnce();
  });

  it("is tried again at growing intervals while the service is away, and saved when it is back", async () => {
    server.save.mockRejectedValue(AWAY);
    saving.send({ type: "edited", text: "new" });
    await vi.advanceTimersByTimeAsync(2_000);
    await vi.advanceTimersByTimeAsync(2_000);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(server.save).toHaveBeenCalledTimes(3);
    server.save.mockResolvedValue({ etag: "r2", by: "Ann", at: "" });
    await vi.advanceTimersByTimeAsync(8_000);
    expect(saving.state.seen).toMatchObject({ text: "new", etag: "r2" });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(server.save).toHaveBeenCalledTimes(4);
  });

  it("is not sent again on its own after a refusal", async () => {
    server.save.mockRejectedValue(new Error("no"));
    server.troubleOf.mockReturnValue({ kind: "refused", why: "too large" });
    saving.send({ type: "edited", text: "new" });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(server.save).toHaveBeenCalledOnce();
  });
});
