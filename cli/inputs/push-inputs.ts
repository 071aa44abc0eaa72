/** After an image was pushed: what it was made from goes with it, for `why` on other machines. */
import { ClientError, RegistryError } from "../../client/index.ts";
import type { Repository, Variant } from "../../mzbuild/index.ts";
import type { StepClock } from "../build/step-clock.ts";
import { registryAccess } from "../registry-access.ts";
import type { Terminal } from "../terminal.ts";
import { inputsOf } from "./keep-built.ts";
import { attachInputsTo } from "./published-inputs.ts";

export interface PushedImage {
  readonly name: string;
  readonly variant: Variant;
  /** What it was pushed as. */
  readonly spec: string;
  readonly clock: StepClock;
}

/** The image is there whether this works or not: `warn` hears of it. */
export async function pushInputs(
  terminal: Terminal,
  repository: Repository,
  { name, variant, spec, clock }: PushedImage,
  warn: (text: string) => void,
): Promise<void> {
  try {
    const client = await registryAccess(terminal, { warn, waitsMs: [1000, 2000] });
    await attachInputsTo(client, { reference: spec, inputs: await inputsOf(repository, [name], variant, clock) });
  } catch (error) {
    if (!(error instanceof RegistryError || error instanceof ClientError)) throw error;
    warn(`the record of ${name}'s inputs could not be written: ${error.message}`);
  }
}
