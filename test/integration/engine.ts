/** The engine that integration tests build on. */
export async function testEngine(): Promise<{ readonly address: string }> {
  const address = process.env["BUILDKIT_HOST"];
  if (address === undefined) throw new Error("set BUILDKIT_HOST to the address of a buildkitd");
  return { address };
}

/** A buildkitd for tests that start daemons of their own. */
export async function buildkitdProgram(): Promise<string | undefined> {
  const program = process.env["BUILDKITD"];
  if (program === undefined) console.warn("BUILDKITD names no buildkitd: tests which kill one are left out");
  return program;
}
