// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { keyAction, takesKeys } from "./keys";

function press(key: string, held: { ctrl?: boolean; shift?: boolean; alt?: boolean; meta?: boolean } = {}) {
  return { key, ctrlKey: !!held.ctrl, shiftKey: !!held.shift, altKey: !!held.alt, metaKey: !!held.meta };
}

describe("the keys of the editor", () => {
  it("undo and redo, also on a Mac", () => {
    expect(keyAction(press("z", { ctrl: true }), false)).toBe("undo");
    expect(keyAction(press("Z", { meta: true, shift: true }), false)).toBe("redo");
    expect(keyAction(press("y", { ctrl: true }), false)).toBe("redo");
  });

  it("act on nodes only while the view has the focus", () => {
    expect(keyAction(press("Delete"), true)).toBe("delete");
    expect(keyAction(press("Delete"), false)).toBeNull();
    expect(keyAction(press("a"), false)).toBeNull();
    expect(keyAction(press("?", { shift: true }), true)).toBe("keys");
  });

  it("tell going to a node from moving it", () => {
    expect(keyAction(press("ArrowLeft"), true)).toBe("left");
    expect(keyAction(press("ArrowLeft", { shift: true }), true)).toBe("move-left");
  });

  it("leave the others to the browser", () => {
    expect(keyAction(press("r", { ctrl: true }), true)).toBeNull();
    expect(keyAction(press("z", { alt: true }), true)).toBeNull();
  });

  it("belong to a text field that has the focus", () => {
    document.body.innerHTML = '<input id="field"><button id="button"></button>';
    expect(takesKeys(document.getElementById("field"))).toBe(true);
    expect(takesKeys(document.getElementById("button"))).toBe(false);
  });
});
