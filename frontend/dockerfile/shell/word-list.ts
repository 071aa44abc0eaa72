import { isSpace } from "../text/unicode.ts";
import type { Lexer } from "./lexer.ts";

/** Gathers the words of one level. The word in the making belongs to the lexer, and starting a level empties it. */
export class WordList {
  readonly #lexer: Lexer;
  readonly #words: string[] = [];
  #inWord = false;

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
    lexer.word = "";
  }

  /** Text that splits at white space. */
  addText(text: string): void {
    if (!this.#lexer.split) return;
    let from = 0;
    for (let index = 0; index < text.length; index++) {
      if (!isSpace(text.charCodeAt(index))) continue;
      if (index > from) this.addRaw(text.slice(from, index));
      if (this.#inWord) this.end();
      from = index + 1;
    }
    if (from < text.length) this.addRaw(text.slice(from));
  }

  /** Text that does not split. */
  addRaw(text: string): void {
    this.#lexer.word += text;
    this.#inWord = true;
  }

  end(): readonly string[] {
    if (this.#lexer.word !== "") {
      this.#words.push(this.#lexer.word);
      this.#lexer.word = "";
      this.#inWord = false;
    }
    return this.#words;
  }
}
