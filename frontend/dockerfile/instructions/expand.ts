/**
 * The variables of an instruction, replaced.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/instructions/commands.go (Expand, ExpandRaw).
 */
import type { Command, KeyValue, SourceContent, Word } from "../instruction.ts";
import type { Expander } from "./mount.ts";

/**
 * A copy of the instruction with `expand` applied to the texts that may have variables, in the original's order, and
 * `expandRaw` to the here-documents of COPY and ADD. ARG, EXPOSE and RUN have rules of their own and come back as they are,
 * like all that has no variables. Errors of the expanders pass through.
 */
export function expandInstruction(command: Command, expand: Expander, expandRaw: Expander): Command {
  switch (command.kind) {
    case "add": {
      const owned = expandOwner(command, expand);
      const checksum = expandOptional(command.checksum, expand);
      return { ...command, ...owned, checksum, ...expandPaths(command, expand, expandRaw) };
    }
    case "copy":
      return { ...command, ...expandOwner(command, expand), ...expandPaths(command, expand, expandRaw) };
    case "env":
      return { ...command, env: expandPairs(command.env, expand) };
    case "label":
      return { ...command, labels: expandPairs(command.labels, expand) };
    case "stopsignal":
      return { ...command, signal: expand(command.signal) };
    case "user":
      return { ...command, user: expand(command.user) };
    case "volume":
      return { ...command, volumes: command.volumes.map((volume) => expand(volume)) };
    case "workdir":
      return { ...command, path: expand(command.path) };
    default:
      return command;
  }
}

type CopyLike = Command & { readonly kind: "add" | "copy" };

function expandOwner(command: CopyLike, expand: Expander) {
  const chown = expandOptional(command.chown, expand);
  return { chown, chmod: expandOptional(command.chmod, expand) };
}

function expandPaths(command: CopyLike, expand: Expander, expandRaw: Expander) {
  const sources = command.sources.map((source) => expandWord(source, expand));
  const dest = expandWord(command.dest, expand);
  return { sources, dest, contents: command.contents.map((content) => expandContent(content, expandRaw)) };
}

function expandPairs(pairs: readonly KeyValue[], expand: Expander): readonly KeyValue[] {
  return pairs.map((pair) => ({ ...pair, key: expand(pair.key), value: expand(pair.value) }));
}

function expandWord(word: Word, expand: Expander): Word {
  return { ...word, text: expand(word.text) };
}

function expandContent(content: SourceContent, expandRaw: Expander): SourceContent {
  return content.expand ? { ...content, data: expandRaw(content.data) } : content;
}

function expandOptional(text: string | undefined, expand: Expander): string | undefined {
  return text === undefined ? undefined : expand(text);
}
