/**
 * RUN: a process on the tree of the stage.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`dispatchRun`), client/llb/exec.go;
 * messages as there.
 */
import {
  BuildError,
  type ExecOp,
  type LinuxResources,
  type Mount as LlbMount,
  newVertex,
  type Output,
  type ProxyEnv,
  type VertexOptions,
} from "../../../llb/index.ts";
import { unixPath } from "../image/image-config.ts";
import type { Heredoc, RunInstruction } from "../instruction.ts";
import type { Mount } from "../instructions/mount.ts";
import { parseHeredoc } from "../parser/heredoc.ts";
import { variableEntries } from "./environment.ts";
import { chompHeredoc, summarizeHeredoc } from "./heredoc-text.ts";
import { inlineDocument } from "./inline-document.ts";
import { addHistory, locationOf, nameSettings, type Scope } from "./instruction-scope.ts";
import { nextStepName, shownCommand } from "./names.ts";
import { compileMounts, readMounts } from "./run-mounts.ts";
import { withShell } from "./shell-command.ts";

/** What a RUN runs. `shown` comes after the instruction in its name. */
interface Command {
  readonly args: readonly string[];
  readonly mounts: readonly LlbMount[];
  readonly shown: string;
}

export function compileRun(scope: Scope, instruction: RunInstruction): void {
  const { stage, session } = scope;
  const { work } = stage;
  const mounts = readMounts(scope, instruction);
  stage.paths.add("/");
  const command = readCommand(scope, instruction);
  const args = instruction.command.form === "shell" ? withShell(work.image, command.args) : command.args;
  const compiled = compileMounts(scope, mounts);
  const { build, supports } = session.options;
  const env = maskSecrets(scope, mounts);
  const lex = { ...session.lex, rawQuotes: true, skipUnsetEnv: true };
  const text = shownCommand(instruction.original + command.shown, env, lex);
  const name = nextStepName(stage, text, nameSettings(scope, work.treePlatform));
  const op: ExecOp = {
    kind: "exec",
    process: {
      args,
      env: processEnv(scope, compiled.mounts),
      cwd: work.dir,
      user: work.user,
      hostname: work.hostname,
      cgroupParent: supports("exec.meta.cgroup.parent") ? build.cgroupParent : "",
      extraHosts: build.extraHosts,
      ulimits: supports("exec.meta.ulimit") ? build.ulimits : [],
      validExitCodes: [],
      proxyEnv: session.proxyEnv,
    },
    mounts: [rootMount(work.tree), ...command.mounts, ...compiled.mounts, ...sharedMemory(scope)],
    network: instruction.network === "default" ? build.network : instruction.network,
    security: instruction.security,
    secretEnv: compiled.secretEnv,
    devices: supports("exec.meta.cdi")
      ? instruction.devices.map(({ name: device, required }) => ({ name: device, optional: !required }))
      : [],
  };
  const vertex = newVertex(op, work.treePlatform ?? session.targetPlatform, {
    description: { "com.docker.dockerfile.v1.command": instruction.original.toWellFormed() },
    name,
    at: locationOf(scope),
    ...(supports("exec.meta.setsdefaultpath") ? { caps: ["exec.meta.setsdefaultpath"] } : {}),
    ...(stage.ignoreCache ? { ignoreCache: true } : {}),
    ...limits(scope, build.linuxResources),
  });
  if (args.length === 0) session.emptyCommands.push(vertex);
  work.tree = { vertex, index: 0 };
  addHistory(scope, `RUN ${[...argsPrefix(scope), ...args].join(" ")} # buildkit`, true);
}

function readCommand(scope: Scope, instruction: RunInstruction): Command {
  const { command, heredocs } = instruction;
  const [first] = heredocs;
  if (first === undefined) return { args: command.args, mounts: [], shown: "" };
  const [text, ...others] = command.args;
  if (text === undefined || others.length > 0 || command.form !== "shell") {
    throw new BuildError("bad-heredoc", `parsing produced an invalid run command: [${command.args.join(" ")}]`);
  }
  if (parseHeredoc(text) === undefined) {
    // A command of its own that reads here-documents: the shell gets all of it as it stands.
    const whole = text + heredocs.map(({ content, name }) => `\n${content}${name}`).join("");
    return { args: [whole], mounts: [], shown: "" };
  }
  const data = first.chomp ? chompHeredoc(first.content) : first.content;
  const shown = ` (${summarizeHeredoc(first.content)})`;
  const isScript = scope.stage.work.image.platform.os !== "windows" && data.startsWith("#!");
  return isScript ? scriptCommand(first, data, shown) : { args: [data], mounts: [], shown };
}

/** A here-document with an interpreter line is a file of its own, which is run. */
function scriptCommand({ name }: Heredoc, data: string, shown: string): Command {
  const directory = "/dev/pipes/";
  const mount: LlbMount = {
    kind: "bind",
    target: directory,
    from: inlineDocument(`/${name}`, 0o755, data),
    selector: "/",
    readonly: true,
    output: false,
    contentCache: "default",
  };
  return { args: [`${directory}${name}`], mounts: [mount], shown };
}

function rootMount(from: Output | undefined): LlbMount {
  return { kind: "bind", target: "/", from, selector: "", readonly: false, output: true, contentCache: "default" };
}

function sharedMemory(scope: Scope): LlbMount[] {
  const { build, supports } = scope.session.options;
  if (build.shmSizeBytes <= 0 || !supports("exec.mount.tmpfs.size")) return [];
  return [{ kind: "tmpfs", target: "/dev/shm", readonly: false, sizeBytes: build.shmSizeBytes }];
}

/** The variables of the stage, with those that a process needs anyway. */
function processEnv(scope: Scope, mounts: readonly LlbMount[]): readonly string[] {
  const { env } = scope.stage.work;
  const { supports } = scope.session.options;
  const added: string[] = [];
  const agent = mounts.find((mount) => mount.kind === "ssh");
  if (agent !== undefined && env.variables.get("SSH_AUTH_SOCK") === undefined)
    added.push(`SSH_AUTH_SOCK=${agent.target}`);
  const needsPath = !supports("exec.meta.setsdefaultpath") && scope.session.targetPlatform.os !== "windows";
  if (needsPath && env.variables.get("PATH") === undefined) added.push(`PATH=${unixPath}`);
  return added.length === 0 ? variableEntries(env) : [...variableEntries(env), ...added];
}

/** In names, the variables that hold secrets are hidden. */
function maskSecrets(scope: Scope, mounts: readonly Mount[]): { get: (name: string) => string | undefined } {
  const { env } = scope.stage.work;
  const secret = new Set(mounts.filter((mount) => mount.type === "secret").map((mount) => mount.env));
  secret.delete(undefined);
  return secret.size === 0 ? env.variables : { get: (name) => (secret.has(name) ? "****" : env.variables.get(name)) };
}

function limits(scope: Scope, resources: LinuxResources | undefined): Pick<VertexOptions, "linuxResources"> {
  const supported = scope.session.options.supports("exec.meta.linux.resources");
  return resources !== undefined && supported ? { linuxResources: resources } : {};
}

/** `|2 A=1 B=2` in the history: the ARGs that the process saw. */
function argsPrefix(scope: Scope): string[] {
  const { args, env } = scope.stage.work;
  if (args.size === 0) return [];
  const values = Array.from(args, ([key, value]) => `${key}=${env.variables.get(key) ?? value ?? ""}`);
  return [`|${values.length}`, ...values];
}

/** Proxy variables among the build args, which processes see without being rebuilt for them. */
export function proxyFromBuildArgs(buildArgs: ReadonlyMap<string, string>): ProxyEnv | undefined {
  const proxy = { httpProxy: "", httpsProxy: "", ftpProxy: "", noProxy: "", allProxy: "" };
  const fields = new Map<string, keyof ProxyEnv>([
    ["http_proxy", "httpProxy"],
    ["https_proxy", "httpsProxy"],
    ["ftp_proxy", "ftpProxy"],
    ["no_proxy", "noProxy"],
    ["all_proxy", "allProxy"],
  ]);
  let found = false;
  for (const key of [...buildArgs.keys()].sort()) {
    const field = fields.get(key.toLowerCase());
    if (field === undefined) continue;
    proxy[field] = buildArgs.get(key) ?? "";
    found = true;
  }
  return found ? proxy : undefined;
}
