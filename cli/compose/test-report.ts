/** Test cases of a workflow, and the report that CI systems read: JUnit's XML, as https://github.com/testmoapp/junitxml describes it. */

export interface TestCase {
  readonly name: string;
  readonly seconds: number;
  readonly failure: { readonly message: string; readonly details: string } | undefined;
}

export class TestReport {
  readonly #suite: string;
  readonly #now: () => number;
  readonly #open: { readonly name: string; readonly startedMs: number }[] = [];
  readonly #cases: TestCase[] = [];

  /** `now` is a clock in milliseconds. */
  constructor(suite: string, now: () => number) {
    this.#suite = suite;
    this.#now = now;
  }

  /** In the order of their ends. */
  get cases(): readonly TestCase[] {
    return this.#cases;
  }

  begin(name: string): void {
    this.#open.push({ name, startedMs: this.#now() });
  }

  /** Ends the last one of this name that has begun; one that never has took no time. */
  end(name: string, failure: { readonly message: string; readonly details?: string } | undefined): void {
    const at = this.#open.findLastIndex((open) => open.name === name);
    const [open] = at === -1 ? [] : this.#open.splice(at, 1);
    const seconds = open === undefined ? 0 : (this.#now() - open.startedMs) / 1000;
    const full = failure && { message: failure.message, details: failure.details ?? failure.message };
    this.#cases.push({ name, seconds, failure: full });
  }

  toXml(): string {
    const failures = this.#cases.filter(({ failure }) => failure !== undefined).length;
    const seconds = this.#cases.reduce((sum, each) => sum + each.seconds, 0);
    const counts = `tests="${this.#cases.length}" failures="${failures}" errors="0" time="${seconds.toFixed(3)}"`;
    const cases = this.#cases.map((each) => caseXml(this.#suite, each)).join("");
    return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${counts}>
  <testsuite name=${attribute(this.#suite)} ${counts}>
${cases}  </testsuite>
</testsuites>
`;
  }
}

function caseXml(suite: string, { name, seconds, failure }: TestCase): string {
  const head = `    <testcase classname=${attribute(suite)} name=${attribute(name)} time="${seconds.toFixed(3)}"`;
  if (failure === undefined) return `${head}/>\n`;
  const text = escaped(failure.details);
  return `${head}>\n      <failure message=${attribute(failure.message)}>${text}</failure>\n    </testcase>\n`;
}

function attribute(text: string): string {
  return `"${escaped(text).replace(/"/g, "&quot;").replace(/\n/g, "&#10;")}"`;
}

/** Control characters have no place in XML 1.0, however they are written. */
function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;");
}
