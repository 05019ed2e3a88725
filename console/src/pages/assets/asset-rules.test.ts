import { expect, test } from "vitest";
import { type Asset, freeName, inOrder, isFound, nameOf, outcomeOf, sizeWords, wantedKinds } from "./asset-rules";

const asset = (more: Partial<Asset>) =>
  ({ name: "a.pdf", filename: "a.pdf", state: "ready", upload: null, ...more }) as Asset;

test("a name for flows is made of the file's name, in plain letters", () => {
  expect(nameOf("Preisliste März.pdf")).toBe("Preisliste-Marz.pdf");
  expect(nameOf("../../<img src=x>.png")).toBe("img-src-x.png");
  expect(nameOf("???.pdf")).toBe("file.pdf");
  expect(nameOf(`${"x".repeat(300)}.pdf`)).toMatch(/^x{96}\.pdf$/);
});

test("a name that is taken gets a number before its ending", () => {
  expect(freeName("a.pdf", new Set(["a.pdf", "a-2.pdf"]))).toBe("a-3.pdf");
  expect(freeName("b.pdf", new Set(["a.pdf"]))).toBe("b.pdf");
});

test("a replacement that is refused counts, although the asset is ready", () => {
  const upload = { state: "rejected", reason: "macros" } as Asset["upload"];
  expect(outcomeOf(asset({ upload }))).toEqual({ is: "rejected", reason: "macros" });
  expect(outcomeOf(asset({}))).toEqual({ is: "ready" });
  expect(outcomeOf(asset({ upload: { state: "uploading" } as Asset["upload"] }))).toEqual({ is: "waiting" });
});

test("files are found by both names, by kind and by state", () => {
  const price = asset({ name: "Preise.pdf", filename: "März.pdf", kind: "document" });
  const all = { search: "", kind: null, state: null };
  expect(isFound(price, { ...all, search: "märz" })).toBe(true);
  expect(isFound(price, { ...all, search: "preise" })).toBe(true);
  expect(isFound(price, { ...all, kind: "image" })).toBe(false);
  expect(isFound(price, { ...all, state: "rejected" })).toBe(false);
});

test("the largest file comes first when the list is ordered by size", () => {
  const files = [asset({ name: "s", size: 1 }), asset({ name: "l", size: 9 }), asset({ name: "none", size: null })];
  expect(inOrder(files, "largest").map(({ name }) => name)).toEqual(["l", "s", "none"]);
});

test("sizes and kinds are said in words", () => {
  expect([sizeWords(1), sizeWords(48211), sizeWords(5 * 1024 * 1024)]).toEqual(["1 byte", "47 KB", "5.0 MB"]);
  expect(wantedKinds(["image", "document"])).toBe("an image or a document");
});
