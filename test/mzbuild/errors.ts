/** Catches what a call throws, as the error that people see. */
import { BuildError } from "../../llb/index.ts";

export function errorOf(call: () => unknown): BuildError {
  try {
    call();
  } catch (error) {
    if (error instanceof BuildError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

export async function rejectionOf(promise: Promise<unknown>): Promise<BuildError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof BuildError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
