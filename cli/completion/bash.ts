/** Completion for bash, 3.2 and later. Pure. */
import type { CompletionModel } from "./completion-model.ts";

export function bashCompletion({ program, listing = "list", options, commands }: CompletionModel): string {
  const values = [...options, ...commands.flatMap((command) => command.options)]
    .filter(({ takesValue }) => takesValue)
    .map(({ long }) => long);
  const cases = commands.map(({ name, options: own, words, takesImages }) => {
    const images = takesImages ? `; images=1` : "";
    return `    ${name}) options='${own.map(({ long }) => long).join(" ")}'; words='${words.join(" ")}'${images} ;;`;
  });
  return `# bash completion of ${program}: eval "$(${program} completion bash)"
_${program}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= index words options images=
  COMPREPLY=()
  # The value of an option is a file, for all that is known here.
  case $previous in
    ${[...new Set(["-C", ...values])].join("|")}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      -C|${options
        .filter(({ takesValue }) => takesValue)
        .map(({ long }) => long)
        .join("|")}) index=$((index + 1)) ;;
      -*) ;;
      *) command=\${COMP_WORDS[index]}; break ;;
    esac
  done
  case $command in
    '') options='${options.map(({ long }) => long).join(" ")}'; words='${commands.map(({ name }) => name).join(" ")}' ;;
${cases.join("\n")}
    *) return ;;
  esac
  case $current in
    -*) words=$options ;;
    *) if [ -n "$images" ]; then words="$words $(${program} ${listing} 2>/dev/null)"; fi ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _${program} ${program}
`;
}
