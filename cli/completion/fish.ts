/** Completion for fish. Pure. */
import type { CompletionModel, CompletionOption } from "./completion-model.ts";

export function fishCompletion({ program, listing = "list", options, commands }: CompletionModel): string {
  const lines = [
    `# fish completion of ${program}: ${program} completion fish | source`,
    `complete -c ${program} -f`,
    ...options.map((option) => optionLine(program, "__fish_use_subcommand", option)),
    ...commands.map(
      ({ name, description }) => `complete -c ${program} -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ),
    ...commands.flatMap(({ name, options: own, words, takesImages }) => {
      const condition = quoted(`__fish_seen_subcommand_from ${name}`);
      return [
        ...own.map((option) => optionLine(program, condition, option)),
        ...(words.length > 0 ? [`complete -c ${program} -n ${condition} -a ${quoted(words.join(" "))}`] : []),
        ...(takesImages
          ? [`complete -c ${program} -n ${condition} -a '(${program} ${listing} 2>/dev/null)' -d image`]
          : []),
      ];
    }),
  ];
  return `${lines.join("\n")}\n`;
}

function optionLine(program: string, condition: string, { long, description, takesValue }: CompletionOption): string {
  const value = takesValue ? " -r" : "";
  return `complete -c ${program} -n ${condition} -l ${long.slice(2)} -d ${quoted(description)}${value}`;
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
