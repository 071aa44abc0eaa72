/** `--all=true` and `--no-test=false`, as the original's command line allows them. */
const FLAGS = "all|no-test|no-tests|no-cache|plain-output|chunked-without-hash|verbose";
const WITH_VALUE = new RegExp(`^(--(?:${FLAGS})|-v)=(?:(1|t|T|true|TRUE|True)|(0|f|F|false|FALSE|False))$`);

/** The arguments with such flags as they are written without a value; a false one is left out. */
export function booleanOptions(args: readonly string[]): readonly string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  return args.flatMap((arg, index) => {
    const match = index < end ? WITH_VALUE.exec(arg) : null;
    if (match === null) return [arg];
    return match[2] === undefined ? [] : [match[1] ?? arg];
  });
}
