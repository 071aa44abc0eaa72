/** `mzcompose man`: the manual page, from the tables of the help. */
import { type ManPage, manPage } from "../man/man-page.ts";
import { manDating, SEE_EXIT_CODES } from "../man/program-page.ts";
import type { Terminal } from "../terminal.ts";
import { composeCommand, composeCommandNames } from "./compose-commands.ts";
import { OPTIONS, OWN } from "./help.ts";

/** The exit code. */
export function composeManual(terminal: Terminal): number {
  const command = (usage: string, text: string) => ({ usage, text, options: [], examples: [] });
  const page: ManPage = {
    ...manDating(terminal),
    program: "mzcompose",
    description: "brings up compositions of the repository's images, with Docker Compose",
    synopsis: "[options] COMMAND [arguments]",
    options: OPTIONS.map(([flags, text]) => ({ flags, text: text.trim().replace(/,$/, "") })),
    commands: [
      ...composeCommandNames().map((name) => command(`${name} [arguments]`, composeCommand(name)?.description ?? "")),
      ...Object.entries(OWN).map(([name, text]) => command(name, text)),
    ],
    sections: [["EXIT STATUS", "That of docker compose where it has failed, 1 for a failed workflow.", SEE_EXIT_CODES]],
  };
  terminal.stdout.write(manPage(page));
  return 0;
}
