/** Completion for fish, 3.0 and later. Pure. */
import { type CompletionModel, type CompletionOption, SELECTING, valuedOptions } from "./completion-model.ts";

export function fishCompletion(model: CompletionModel): string {
  const { program, listing = "list", names = "image", selecting = SELECTING, options, commands } = model;
  const needsCommand = quoted(`__${program}_is ''`);
  const lines = [
    `# fish completion of ${program}: ${program} completion fish | source`,
    ...functionsOf(program, listing, selecting, valuedOptions(model)),
    `complete -c ${program} -f`,
    ...options.map((option) => optionLine(program, needsCommand, option)),
    ...commands.map(
      ({ name, description }) => `complete -c ${program} -n ${needsCommand} -a ${name} -d ${quoted(description)}`,
    ),
    ...commands.flatMap(({ name, options: own, words, takesImages }) => {
      const condition = quoted(`__${program}_is ${name}`);
      return [
        ...own.map((option) => optionLine(program, condition, option)),
        ...(words.length > 0 ? [`complete -c ${program} -n ${condition} -a ${quoted(words.join(" "))}`] : []),
        ...(takesImages
          ? [`complete -c ${program} -n ${condition} -a '(__${program}_names)' -d ${quoted(names)}`]
          : []),
      ];
    }),
  ];
  return `${lines.join("\n")}\n`;
}

function functionsOf(
  program: string,
  listing: string,
  selecting: readonly string[],
  valued: readonly string[],
): readonly string[] {
  return [
    `# Whether this is the command so far; '' for none.`,
    `function __${program}_is`,
    `  set -l value`,
    `  for word in (commandline -opc)[2..-1]`,
    `    if set -q value[1]; set value; continue; end`,
    `    switch $word`,
    `      case ${valued.join(" ")}; set value follows`,
    `      case '-*'`,
    `      case '*'; test "$word" = "$argv[1]"; return`,
    `    end`,
    `  end`,
    `  test '' = "$argv[1]"`,
    `end`,
    `function __${program}_names`,
    `  set -l words (commandline -opc)`,
    `  set -l selected`,
    `  for index in (seq 2 (count $words))`,
    `    switch $words[$index]`,
    `      case ${selecting.join(" ")}; set selected $selected $words[$index..(math $index + 1)]`,
    `    end`,
    `  end`,
    `  ${program} $selected ${listing} 2>/dev/null`,
    `end`,
  ];
}

function optionLine(
  program: string,
  condition: string,
  { long, description, takesValue, listing }: CompletionOption,
): string {
  const values = listing === undefined ? "" : ` -f -a '(${program} ${listing} 2>/dev/null)'`;
  const value = takesValue ? ` -r${values}` : "";
  return `complete -c ${program} -n ${condition} -l ${long.slice(2)} -d ${quoted(description)}${value}`;
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
