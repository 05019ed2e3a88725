/** Stands in for `intl-messageformat` (see vite.config.ts): a text without placeholders, as it is. */
export default class PlainMessage {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  format(): string {
    return this.#text;
  }
}
