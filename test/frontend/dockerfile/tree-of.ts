/**
 * What our language half says of a Dockerfile, in the form in which test/testdata/dockerfile/reference prints what the
 * original says of it.
 */
import type { ParseResult } from "../../../frontend/dockerfile/ast.ts";
import type {
  Command,
  CommandLine,
  Heredoc,
  KeyValue,
  LineSpan,
  MountFlag,
} from "../../../frontend/dockerfile/instruction.ts";
import { parseTrigger, readMount } from "../../../frontend/dockerfile/instructions/index.ts";
import { parseDockerfile } from "../../../frontend/dockerfile/parse.ts";
import { detectSyntax, type FoundDirective, findDirective } from "../../../frontend/dockerfile/parser/directives.ts";
import { decodeText, encodeText } from "../../../frontend/dockerfile/text/bytes.ts";
import { BuildError } from "../../../llb/index.ts";

export function treeOf(bytes: Uint8Array): object {
  const text = decodeText(bytes);
  const parsed = parseDockerfile(bytes);
  return JSON.parse(
    JSON.stringify({
      syntax: directive(detectSyntax(text)),
      check: directive(findDirective("check", text)),
      ...whole(parsed),
    }),
  );
}

function whole(parsed: ParseResult): object {
  const { dockerfile, error } = parsed;
  const known = error === undefined || /^dockerfile parse error on line|^no build stage/.test(error.message);
  const findings = parsed.findings.map((finding) => [finding.rule, plain(finding.message), span(finding.lines)]);
  return {
    // The original's parser says nothing more after an error of the line syntax.
    ...(known && { escape: dockerfile.escape, findings }),
    ...(error !== undefined
      ? { error: { message: plain(error.message), lines: span(error.lines) } }
      : { meta: dockerfile.metaArgs.map(commandTree), stages: dockerfile.stages.map(stageTree) }),
  };
}

function stageTree(stage: ParseResult["dockerfile"]["stages"][number]): object {
  const { from } = stage;
  return {
    name: plain(stage.name ?? ""),
    orig: plain(from.keyword.text),
    base: plain(from.base.text),
    platform: plain(from.platform ?? ""),
    doc: plain(stage.description),
    code: plain(from.original),
    lines: span(from.lines),
    comments: comments(from.comments),
    commands: stage.commands.map(commandTree),
  };
}

function commandTree(command: Command): object {
  return {
    kind: command.kind,
    name: plain(command.keyword.text),
    code: plain(command.original),
    lines: span(command.lines),
    comments: comments(command.comments),
    v: contentOf(command),
    ...(command.kind === "onbuild" && { trigger: triggerTree(command.expression) }),
  };
}

function contentOf(command: Command): unknown {
  switch (command.kind) {
    case "env":
      return pairs(command.env);
    case "label":
      return pairs(command.labels);
    case "add":
    case "copy": {
      const sources = command.sources.map((source) => plain(source.text));
      const contents = command.contents.map(({ path, data, expand }) => [plain(path), plain(data), expand]);
      const owner = [plain(command.chown ?? ""), plain(command.chmod ?? ""), command.link, command.exclude.map(plain)];
      const own =
        command.kind === "copy"
          ? [plain(command.from ?? ""), command.parents]
          : [command.keepGitDir ?? null, plain(command.checksum ?? ""), command.unpack ?? null];
      return [sources, contents, plain(command.dest.text), ...owner, ...own];
    }
    case "run": {
      const from = command.mounts.map((mount) => plain(mount.from ?? ""));
      const devices = command.devices.map((device) => [plain(device.name), device.required]);
      const line = commandLine(command.command, command.heredocs);
      return [line, from, devices, command.network, command.security, mountTrees(command.mounts)];
    }
    case "cmd":
    case "entrypoint":
      return commandLine(command.command, []);
    case "healthcheck": {
      const { intervalNs, timeoutNs, startPeriodNs, startIntervalNs, retries } = command;
      const durations = [intervalNs, timeoutNs, startPeriodNs, startIntervalNs].map(String);
      return [command.test.map(plain), ...durations, retries];
    }
    case "arg":
      return command.args.map((arg) => [
        plain(arg.key),
        arg.value === undefined ? null : plain(arg.value),
        plain(arg.description),
      ]);
    case "expose":
      return command.ports.map((port) => plain(port.text));
    case "volume":
      return command.volumes.map(plain);
    case "shell":
      return command.shell.map(plain);
    case "maintainer":
      return plain(command.maintainer);
    case "onbuild":
      return plain(command.expression);
    case "stopsignal":
      return plain(command.signal);
    case "user":
      return plain(command.user);
    case "workdir":
      return plain(command.path);
  }
}

function mountTrees(mounts: readonly MountFlag[]): unknown {
  return messageOr(() =>
    mounts.map(({ text }) => {
      const mount = readMount(text, (value) => value.replaceAll("$X", "x"));
      const paths = [plain(mount.from), plain(mount.source), plain(mount.target)];
      const { type, readonly, sizeBytes, id, sharing, required, env, mode, uid, gid } = mount;
      const options = [readonly, sizeBytes, plain(id), sharing ?? "", required, env === undefined ? null : plain(env)];
      return [type, ...paths, ...options, mode ?? null, uid ?? null, gid ?? null];
    }),
  );
}

function triggerTree(expression: string): unknown {
  return messageOr(() => {
    const command = parseTrigger(expression);
    return command.kind === "onbuild" ? "nested" : { ...commandTree(command), lines: undefined };
  });
}

function messageOr(make: () => unknown): unknown {
  try {
    return make();
  } catch (error) {
    if (error instanceof BuildError) return plain(error.message);
    throw error;
  }
}

function commandLine(command: CommandLine, heredocs: readonly Heredoc[]): unknown {
  const files = heredocs.map(({ name, content, chomp }) => [plain(name), plain(content), chomp]);
  return [command.args.map(plain), command.form === "exec", files];
}

function pairs(values: readonly KeyValue[]): unknown {
  return values.map(({ key, value, legacy }) => [plain(key), plain(value), legacy]);
}

/** The reference hides comments that could set the linter, which is not what is compared. */
function comments(texts: readonly string[]): unknown {
  return texts.map((text) => plain(/^check/i.test(text) ? "hidden" : text));
}

function directive(found: FoundDirective | undefined): unknown {
  return found === undefined ? undefined : [plain(found.word), plain(found.value), [found.line, found.line]];
}

function span(lines: LineSpan): unknown {
  return [lines.first, lines.last];
}

export function plain(text: string): unknown {
  return text.isWellFormed() ? text : { bytes: Buffer.from(encodeText(text)).toString("base64") };
}
