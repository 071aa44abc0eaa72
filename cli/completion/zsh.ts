/** Completion for zsh. Pure. */
import type { CompletionModel, CompletionOption } from "./completion-model.ts";

export function zshCompletion({ program, listing = "list", options, commands }: CompletionModel): string {
  const described = commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`);
  const cases = commands.map(({ name, options: own, words, takesImages }) => {
    const rest = takesImages
      ? ["'*:image:_mzbuild_images'"]
      : words.length > 0
        ? [quoted(`*:word:(${words.join(" ")})`)]
        : [];
    return `    ${name}) _arguments ${[...own.map(argument), ...rest].join(" ")} ;;`;
  });
  return `#compdef ${program}
# zsh completion of ${program}: eval "$(${program} completion zsh)"
_mzbuild_images() {
  local -a images
  images=(\${(f)"$(${program} ${listing} 2>/dev/null)"})
  compadd -a images
}
_${program}() {
  local state line
  local -a commands
  commands=(
${described.join("\n")}
  )
  _arguments -C ${["'-C+[run as if started there]:directory:_files -/'", ...options.map(argument)].join(" ")} '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands; return ;;
    argument) ;;
    *) return ;;
  esac
  case $line[1] in
${cases.join("\n")}
  esac
}
compdef _${program} ${program}
`;
}

function argument({ long, description, takesValue }: CompletionOption): string {
  return quoted(
    `${long}${takesValue ? "=" : ""}[${description.replace(/[[\]\\]/g, "\\$&")}]${takesValue ? ":value:_files" : ""}`,
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
