/** Manual pages in the language of man(7), which groff and mandoc read. Pure. */

export interface ManPage {
  readonly program: string;
  readonly version: string;
  /** `2026-01-31` */
  readonly date: string;
  readonly description: string;
  readonly synopsis: string;
  readonly options: readonly ManOption[];
  readonly commands: readonly ManCommand[];
  /** Further sections: a heading, and paragraphs. */
  readonly sections?: readonly (readonly [heading: string, ...paragraphs: string[]])[];
}

export interface ManOption {
  /** With its value: `-o, --output <spec>`. */
  readonly flags: string;
  readonly text: string;
}

export interface ManCommand {
  /** Without the program's name: `plan [options] [images...]`. */
  readonly usage: string;
  readonly text: string;
  readonly options: readonly ManOption[];
  readonly examples: readonly string[];
}

/** What several commands have is explained once, and only named where it belongs. */
export function manPage({ program, version, date, description, synopsis, ...page }: ManPage): string {
  const shared = sharedOptions(page.commands);
  const lines = [
    `.TH ${program.toUpperCase()} 1 ${date} "mzbuild ${escaped(version)}" "mzbuild"`,
    ".SH NAME",
    `${escaped(program)} \\- ${escaped(description.replace(/\.$/, ""))}`,
    ".SH SYNOPSIS",
    `.B ${program}`,
    escaped(synopsis),
    ...(page.options.length === 0 ? [] : [".SH OPTIONS", ...page.options.flatMap(optionLines)]),
    ".SH COMMANDS",
    ...page.commands.flatMap((command) => commandLines(program, command, shared)),
    ...(shared.length === 0 ? [] : [".SH OPTIONS OF SEVERAL COMMANDS", ...shared.flatMap(optionLines)]),
    ...(page.sections ?? []).flatMap(([heading, ...paragraphs]) => [
      `.SH ${heading}`,
      ...paragraphs.flatMap((text, index) => (index === 0 ? filled(text) : [".PP", ...filled(text)])),
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

function sharedOptions(commands: readonly ManCommand[]): readonly ManOption[] {
  const all = commands.flatMap(({ options }) => options);
  const counts = new Map<string, number>();
  for (const option of all) counts.set(keyOf(option), (counts.get(keyOf(option)) ?? 0) + 1);
  const several = all.filter((option) => (counts.get(keyOf(option)) ?? 0) > 1);
  return [...new Map(several.map((option) => [keyOf(option), option])).values()];
}

function keyOf({ flags, text }: ManOption): string {
  return `${flags}\0${text}`;
}

function commandLines(program: string, command: ManCommand, shared: readonly ManOption[]): readonly string[] {
  const { usage, text, options, examples } = command;
  const keys = new Set(shared.map(keyOf));
  const own = options.filter((option) => !keys.has(keyOf(option)));
  const others = options
    .filter((option) => keys.has(keyOf(option)))
    .map(({ flags }) => bold(/--[^ =]+/.exec(flags)?.[0] ?? flags));
  return [
    `.SS ${escaped(`${program} ${usage}`)}`,
    ...filled(sentence(text)),
    ...own.flatMap(optionLines),
    ...(others.length === 0 ? [] : [".PP", own.length === 0 ? "Takes" : "Besides,", ...listed(others)]),
    ...(examples.length === 0 ? [] : [".PP", ".EX", ...examples.map((line) => escaped(`    ${line}`)), ".EE"]),
  ];
}

/** One a line, with commas. */
function listed(texts: readonly string[]): readonly string[] {
  return texts.map((text, index) => `${text}${index === texts.length - 1 ? "." : ","}`);
}

function optionLines({ flags, text }: ManOption): readonly string[] {
  return [".TP", bold(flags).replace(/<([^>]*)>/g, "\\fI$1\\fB"), ...filled(sentence(text))];
}

function sentence(text: string): string {
  const first = text.slice(0, 1).toUpperCase();
  return `${first}${text.slice(1)}${/[.:]$/.test(text) ? "" : "."}`;
}

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

/** In lines that editors and mandoc's checks find short enough. */
function filled(text: string): readonly string[] {
  return text.match(/.{1,70}(?: |$)|[^ ]+/g)?.map((line) => escaped(line.trimEnd())) ?? [];
}

/** A period or an apostrophe at the beginning of a line would be a request. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^(?=[.'])/, "\\&");
}
