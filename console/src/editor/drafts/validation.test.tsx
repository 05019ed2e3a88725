import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Answer, fakeApi } from "../../testing/fake-api";
import { useValidation } from "./validation";

const NOTHING = { problems: [], warnings: [], variables: {} };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The hook, with an API whose answers wait until they are given. */
function show() {
  const open: ((answer: unknown) => void)[] = [];
  const asked = fakeApi("editor", {});
  const answered = globalThis.fetch;
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(`${(await request.clone().json()).yaml}`);
    const answer = await new Promise((resolve) => open.push(resolve));
    if (answer instanceof Answer) return answered(request);
    return Response.json(answer);
  });
  const report = vi.fn();
  const hook = renderHook(({ text }) => useValidation("hello", text, report), { initialProps: { text: "one" } });
  const wait = (milliseconds: number) => act(() => vi.advanceTimersByTimeAsync(milliseconds));
  const answer = async (at: number, body: unknown) => {
    open[at]?.(body);
    await wait(0);
  };
  return { asked, report, wait, answer, ...hook };
}

it("checks a text when it has been left alone for a moment", async () => {
  const { asked, report, rerender, wait, answer, result } = show();
  await wait(500);
  rerender({ text: "two" });
  await wait(500);
  expect(asked).toEqual([]);
  await wait(100);
  expect(asked).toEqual(["two"]);
  expect(result.current.checking).toBe(true);
  await answer(0, NOTHING);
  expect(report).toHaveBeenCalledExactlyOnceWith(NOTHING);
  expect(result.current.checking).toBe(false);
});

it("reports only what was found in the newest text, whichever answer comes first", async () => {
  const { report, rerender, wait, answer, result } = show();
  await wait(600);
  rerender({ text: "two" });
  await wait(600);
  await answer(1, { ...NOTHING, warnings: ["of two"] });
  await answer(0, { ...NOTHING, warnings: ["of one"] });
  expect(report.mock.calls).toEqual([[{ ...NOTHING, warnings: ["of two"] }]]);
  expect(result.current.checking).toBe(false);
});

it("keeps what was found while the service does not answer, and says so only when a check is asked for", async () => {
  const { report, wait, answer, result } = show();
  await wait(600);
  await answer(0, new Answer(404, {}));
  expect(report).not.toHaveBeenCalled();
  expect(result.current.checking).toBe(false);
  const check = result.current.check().catch((error: unknown) => error);
  await wait(0);
  await answer(1, new Answer(404, {}));
  expect(await check).toBeInstanceOf(Error);
});
