/** Completion for bash, 3.2 and later. Pure. */
import { type CompletionModel, SELECTING, valuedOptions } from "./completion-model.ts";

export function bashCompletion(model: CompletionModel): string {
  const { program, listing = "list", selecting = SELECTING, options, commands } = model;
  const values = [...options, ...commands.flatMap((command) => command.options)]
    .filter(({ takesValue }) => takesValue)
    .map(({ long }) => long);
  const withListing = [...options, ...commands.flatMap((command) => command.options)].flatMap(
    ({ long, listing: values }) => (values === undefined ? [] : [[long, values] as const]),
  );
  const listed = [...new Map(withListing)].map(
    ([long, values]) =>
      `    ${long}) COMPREPLY=($(compgen -W "$(${program} "\${selected[@]}" ${values} 2>/dev/null)" -- "$current")); return ;;\n`,
  );
  const cases = commands.map(({ name, options: own, words, takesImages }) => {
    const images = takesImages ? `; images=1` : "";
    return `    ${name}) options='${own.map(({ long }) => long).join(" ")}'; words='${words.join(" ")}'${images} ;;`;
  });
  return `# bash completion of ${program}: eval "$(${program} completion bash)"
_${program}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= index words options images=
  local -a selected
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      ${selecting.join("|")}) selected+=("\${COMP_WORDS[index]}" "\${COMP_WORDS[index+1]}"); index=$((index + 1)) ;;
      ${valuedOptions(model).join("|")}) index=$((index + 1)) ;;
      -*) ;;
      *) command=\${COMP_WORDS[index]}; break ;;
    esac
  done
  # The value of another option is a file, for all that is known here.
  case $previous in
${listed.join("")}    ${[...new Set([...selecting, ...values])].join("|")}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case $command in
    '') options='${options.map(({ long }) => long).join(" ")}'; words='${commands.map(({ name }) => name).join(" ")}' ;;
${cases.join("\n")}
    *) return ;;
  esac
  case $current in
    -*) words=$options ;;
    *) if [ -n "$images" ]; then words="$words $(${program} "\${selected[@]}" ${listing} 2>/dev/null)"; fi ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _${program} ${program}
`;
}
