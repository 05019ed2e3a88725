import { expect, test } from "vitest";
import { type Json, sameJson } from "./model";
import { readText } from "./reading";
import readings from "./testing/readings.json";
import { toJson } from "./tree";

/** What the server reads: the data, or the line of the first mistake (0: the whole file). */
interface ServerReading {
  text: string;
  data?: Json;
  line?: number;
}

/** Texts that the server takes, and that YAML 1.2 refuses: the text view says so, and they can be mended there. */
const REFUSED_HERE_ONLY = ["x: 'a'#b\n", "x: [\na\n]\n"];

test("each text is taken or refused as the server does, with the same data", () => {
  const differences = (readings as ServerReading[]).flatMap(({ text, data }) => {
    if (REFUSED_HERE_ONLY.some((each) => text.includes(each))) return [];
    const { tree, errors } = readText(text);
    const isSame = tree ? data !== undefined && sameJson(toJson(tree), data) : data === undefined;
    return isSame ? [] : [{ text, server: data, here: tree && toJson(tree), errors }];
  });
  expect(differences).toEqual([]);
});

test("a mistake has the line that the server names, or the one before where something was left open", () => {
  const others = (readings as ServerReading[]).flatMap(({ text, line }) => {
    const { errors } = readText(text);
    if (!line || errors.length === 0 || errors.some((error) => error.line === line)) return [];
    // The server counts odd line breaks as lines, which no editor shows as such.
    return /[\x85\u2028]|\r(?!\n)/.test(text) ? [] : [{ text, distance: line - (errors[0]?.line ?? 0) }];
  });
  expect(others.filter(({ distance }) => distance !== 1)).toEqual([]);
  expect(others.length).toBeLessThan(6);
});
