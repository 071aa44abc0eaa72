/** Completion for zsh. Pure. */
import { type CompletionModel, type CompletionOption, SELECTING } from "./completion-model.ts";

export function zshCompletion(model: CompletionModel): string {
  const { program, listing = "list", names = "image", selecting = SELECTING, options, commands } = model;
  const argument = (option: CompletionOption): string => argumentOf(program, option);
  const startedThere = selecting.includes("-C") ? ["'-C+[run as if started there]:directory:_files -/'"] : [];
  const described = commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`);
  const cases = commands.map(({ name, options: own, words, takesImages }) => {
    const rest = takesImages
      ? [`'*:${names}:_${program}_names'`]
      : words.length > 0
        ? [quoted(`*:word:(${words.join(" ")})`)]
        : [];
    return `    ${name}) _arguments ${[...own.map(argument), ...rest].join(" ")} ;;`;
  });
  return `#compdef ${program}
# zsh completion of ${program}: eval "$(${program} completion zsh)"
_${program}_names() {
  local -a names selected
  local index
  for ((index = 2; index < $#line_words; index++)); do
    case $line_words[index] in
      ${selecting.join("|")}) selected+=($line_words[index] $line_words[index+1]) ;;
    esac
  done
  names=(\${(f)"$(${program} $selected ${listing} 2>/dev/null)"})
  compadd -a names
}
_${program}_values() {
  local -a values
  values=(\${(f)"$(${program} "$@" 2>/dev/null)"})
  compadd -a values
}
_${program}() {
  local state line
  local -a commands line_words=($words)
  commands=(
${described.join("\n")}
  )
  _arguments -C ${[...startedThere, ...options.map(argument)].join(" ")} '1:command:->command' '*::argument:->argument'
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

function argumentOf(program: string, { long, description, takesValue, listing }: CompletionOption): string {
  const action = listing === undefined ? "_files" : `{_${program}_values ${listing}}`;
  return quoted(
    `${long}${takesValue ? "=" : ""}[${description.replace(/[[\]\\]/g, "\\$&")}]${takesValue ? `:value:${action}` : ""}`,
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
