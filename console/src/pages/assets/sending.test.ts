import { expect, test } from "vitest";
import type { Asset } from "./asset-rules";
import { refusal, waitForCheck } from "./sending";

test("what the storage refuses is said in words", () => {
  expect(refusal("<Error><Code>EntityTooLarge</Code></Error>")).toBe("The file is larger than its format allows.");
  expect(refusal("<Error><Code>AccessDenied</Code><Message>Policy expired.</Message></Error>")).toMatch(/too long/);
  expect(refusal("")).toMatch(/did not take the file\. Try again/);
});

test("a check is waited for until the file is ready", async () => {
  const states = ["uploading", "ready"];
  const read = async () => ({ state: states.shift(), upload: null }) as Asset;
  const { outcome } = await waitForCheck(read, new AbortController().signal);
  expect(outcome).toEqual({ is: "ready" });
});

test("waiting for a check ends when the upload is cancelled", async () => {
  const controller = new AbortController();
  const waited = waitForCheck(async () => ({ state: "uploading", upload: null }) as Asset, controller.signal);
  controller.abort();
  await expect(waited).rejects.toThrow();
});
