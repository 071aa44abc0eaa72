/** `mzdazzle combine`. docs/dazzle.md. */

import { BuildError } from "../../../llb/index.ts";
import { formatImageName, parseTarget } from "../../../mzbuild/index.ts";
import { givenBy } from "../../build/given.ts";
import { progressOf } from "../../build/prepare.ts";
import { type Terminal, takesColour } from "../../terminal.ts";
import { counted, paintWith } from "../../text/index.ts";
import { requireBase } from "../base-info.ts";
import { PARALLEL_TESTS } from "../build/build-project.ts";
import { type CombinationFlags, chosenCombinations } from "../combine/chosen-combinations.ts";
import { chunkSources } from "../combine/chunk-sources.ts";
import { type CombineRequest, combineAll, hasTests } from "../combine/combine-project.ts";
import { createdNow } from "../combine/created.ts";
import { combinationTests } from "../combine/test-combination.ts";
import { lateEngine } from "../engine.ts";
import { endWithFailures } from "../failures.ts";
import { limiter } from "../limit.ts";
import { openProject } from "../open-project.ts";
import type { DazzleBuildFlags } from "../options.ts";
import { openRegistry } from "../registry.ts";
import { resultCount, resultLines } from "../test/tell-results.ts";
import { parseDuration } from "../test-timeout.ts";
import { withGateway } from "../with-gateway.ts";

export interface CombineCommandFlags extends DazzleBuildFlags, CombinationFlags {
  readonly buildRef?: string;
  /** false with `--no-test`. */
  readonly test?: boolean;
}

/** Throws what is told in the end: `AggregateError` for several combinations. */
export async function combine(terminal: Terminal, flags: CombineCommandFlags, targetText: string): Promise<void> {
  const open = openProject(terminal, flags);
  const target = parseTarget(targetText, "cannot parse target-ref: ");
  const combinations = chosenCombinations(open.project, flags);
  const built = flags.buildRef ? parseTarget(flags.buildRef, "cannot start build session: ") : target;
  if (built.host !== target.host) {
    throw new BuildError("other-registry", `--build-ref ${built.name} is in another registry than ${target.name}`, {
      hint: "layers are linked, not copied: both have to be in one registry",
    });
  }
  const timeoutMs = parseDuration("--test-timeout", flags.testTimeout);
  const given = await givenBy(terminal, flags);
  const progress = progressOf(terminal, { progress: flags.plainOutput ? "plain" : (flags.progress ?? "auto") });
  const paint = paintWith(takesColour(terminal.stderr, terminal.env));
  await using engine = lateEngine(terminal, flags, progress);
  const registry = openRegistry(terminal, (text) => progress.warning(text));
  try {
    const base = await requireBase(open, registry, built, "cannot download base-image info: ");
    const withTests = flags.test !== false;
    const sources = await chunkSources(registry, open.project, combinations, base.naming, { withFull: withTests });
    const { envVars } = open.project.config;
    const request: CombineRequest = {
      combinations,
      images: { base: base.images, sources, envVars, created: createdNow(terminal) },
      target,
      built,
      registry,
      signal: terminal.signal,
      onPushed: ({ name }, digest, unchanged) => {
        const reference = `${formatImageName({ repository: target.name, tag: name })}@${digest}`;
        progress.note(`combination ${name} is ${reference}${unchanged ? ", as before" : ""}`);
      },
      onTests: (name, results) => {
        const lines = flags.verbose ? resultLines(name, results, paint) : [];
        if (results.length > 0) progress.note([...lines, `${name}: ${resultCount(results)}`].join("\n"));
      },
    };
    const detours = new Set<string>();
    const failures =
      withTests && hasTests(combinations, sources)
        ? await withGateway(
            { terminal, connected: await engine.connect(), given, progress },
            async (gateway, signal) => {
              const setting = {
                sources,
                base: base.naming.baseRef,
                builtOn: base.naming.baseRef,
                built,
                registry,
                timeoutMs,
                limit: limiter(PARALLEL_TESTS),
                now: terminal.now,
                onDetour: (reason: string) => {
                  if (!detours.has(reason)) progress.warning(reason);
                  detours.add(reason);
                },
              };
              const run = combinationTests(setting, await gateway.ping({ signal }));
              return combineAll(request, { gateway, run, signal });
            },
          )
        : await combineAll(request, undefined);
    if (failures.length > 0) endWithFailures(terminal, progress, failures);
  } catch (error) {
    progress.finish(terminal.signal.aborted ? "cancelled" : "failed");
    throw error;
  }
  progress.finish("done");
  terminal.stderr.write(`${counted(combinations.length, "combination")} in ${target.name}\n`);
}
