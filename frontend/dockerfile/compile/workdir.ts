/**
 * WORKDIR: the directory of the processes that follow, made if it isn't there.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`dispatchWorkdir`).
 */
import { BuildError, cleanPath, newVertex } from "../../../llb/index.ts";
import type { WorkdirInstruction } from "../instruction.ts";
import { messages } from "../lint/rules.ts";
import { addHistory, locationOf, nameSettings, type Scope } from "./instruction-scope.ts";
import { nextStepName, shownCommand } from "./names.ts";
import { emptyPlatform } from "./options.ts";
import { parseOwner } from "./owner.ts";
import { isAbsolute, normalizeWorkdir, toSlash } from "./paths.ts";
import type { Stage } from "./stage.ts";
import { fileInput } from "./tree.ts";

export function compileWorkdir(scope: Scope, { path, original }: WorkdirInstruction): void {
  const { stage, session } = scope;
  const { work } = stage;
  const platform = stage.platform ?? emptyPlatform;
  if (!work.workdirSet && !isAbsolute(path, platform.os)) {
    scope.linter.report("WorkdirRelativePath", messages.workdirRelativePath(path), scope.place.lines);
  }
  work.workdirSet = true;
  const directory = enterDirectory(stage, path);
  if (directory !== "/") {
    const name = nextStepName(
      stage,
      shownCommand(original, work.env.variables, session.lex),
      nameSettings(scope, platform),
    );
    const action = {
      kind: "mkdir",
      input: fileInput(work.tree),
      path: cleanPath(directory),
      mode: 0o755,
      makeParents: true,
      owner: work.image.config.user === "" ? undefined : parseOwner(work.image.config.user),
      timestamp: session.epoch?.nanoseconds,
    } as const;
    const vertex = newVertex({ kind: "file", base: work.tree, actions: [action] }, undefined, {
      name,
      at: locationOf(scope),
    });
    work.tree = { vertex, index: 0 };
  }
  addHistory(scope, `WORKDIR ${directory}`, directory !== "/");
}

/** Makes `path` the working directory, without an op; the directory as it is in ops. Throws `BuildError` "bad-path". */
export function enterDirectory(stage: Stage, path: string): string {
  const { work } = stage;
  const os = stage.platform?.os ?? "";
  const directory = normalized(work.image.config.workingDir, path, os);
  work.image.config = { ...work.image.config, workingDir: directory };
  work.dir = toSlash(directory, os);
  return work.dir;
}

function normalized(current: string, path: string, os: string): string {
  try {
    return normalizeWorkdir(current, path, os);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(error.code, `normalizing workdir: ${error.message}`);
  }
}
