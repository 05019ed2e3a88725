/** Lines of a text, by offsets. Line breaks are `\n` and `\r\n`. */

/** The end of the line that an offset lies in, without its line break. */
export function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf("\n", offset);
  if (newline < 0) return text.length;
  return newline > offset && text[newline - 1] === "\r" ? newline - 1 : newline;
}

/** The beginning of the line that an offset lies in. */
export function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
}

/** The beginning of the next line; the end of the text after the last one. */
export function nextLine(text: string, offset: number): number {
  const newline = text.indexOf("\n", offset);
  return newline < 0 ? text.length : newline + 1;
}

/** The number of the line that an offset lies in, counted from 1. The text is read once, however many offsets are asked for. */
export function lineNumbers(text: string): (offset: number) => number {
  const breaks: number[] = [];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) breaks.push(at);
  return (offset) => {
    let [low, high] = [0, breaks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((breaks[middle] as number) < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

/** The line break that a text uses. */
export function breakOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? "\n";
}

/** The text of the line that begins at an offset. */
export function lineAt(text: string, start: number): string {
  return text.slice(start, lineEnd(text, start));
}
