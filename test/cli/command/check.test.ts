import { expect, onTestFinished, test } from "vitest";
import { check } from "../../../cli/command/check.ts";
import { BuildError } from "../../../llb/index.ts";
import { gitRepository, image } from "../../mzbuild/git-repository.ts";
import { testTerminal } from "../test-terminal.ts";

async function checked(dockerfile: string, names: readonly string[] = []) {
  const git = gitRepository({ ...image("base"), ...image("app", { Dockerfile: dockerfile }) });
  onTestFinished(() => git[Symbol.dispose]());
  const { terminal, stdout } = testTerminal(git.root);
  const failure: unknown = await check(terminal, {}, {}, names).then(
    () => undefined,
    (error: unknown) => error,
  );
  const mistakes = failure instanceof AggregateError ? failure.errors : failure === undefined ? [] : [failure];
  return { mistakes, text: stdout() };
}

test("every mistake of a file is reported, where a build stops at the first", async () => {
  const { mistakes } = await checked("FROM scratch\nCOPY --form=x a b\nRNU make\nEXPOSE\n");
  expect(mistakes.every((mistake) => mistake instanceof BuildError)).toBe(true);
  expect(mistakes.map(({ at }: BuildError) => at[0]?.start.line)).toEqual([2, 3, 4]);
  expect(mistakes[1].message).toContain("unknown instruction: RNU");
});

test("what is wrong with single instructions is reported together, and with the names of images", async () => {
  const { mistakes } = await checked(
    "MZFROM bas\nENV A=1\nCOPY --chmod=9 a b\nEXPOSE x\nSTOPSIGNAL $A$A\nFROM alpine AS last\nCOPY --from=0 a b\nRUN --mount=type=cache,target=/ x\n",
  );
  expect(mistakes.map(({ at }: BuildError) => at[0]?.start.line)).toEqual([1, 3, 4, 8]);
  expect(mistakes[0].hint).toBe('did you mean "base"?');
});

test("a variable that the base may define is no mistake, whatever comes of it", async () => {
  const { mistakes, text } = await checked("FROM alpine\nUSER $APP_UID\nWORKDIR ${APP_ROOT:?}\nEXPOSE $PORT/tcp\n");
  expect(mistakes).toEqual([]);
  expect(text).toContain("nothing wrong");
});

test("in JSON, mistakes and warnings are one array, and the exit code says whether there are mistakes", async () => {
  using git = gitRepository({
    ...image("app", { Dockerfile: "FROM scratch AS Upper\nRNU make\n" }),
    ...image("fine", { Dockerfile: "FROM scratch AS Upper\n" }),
  });
  const { terminal, stdout } = testTerminal(git.root);
  expect(await check(terminal, {}, { json: true }, [])).toBe(1);
  const place = { image: "app", file: "images/app/Dockerfile" };
  const [mistake, ...warnings] = JSON.parse(stdout());
  expect(mistake).toMatchObject({ ...place, kind: "mistake", line: 2, message: expect.stringContaining("RNU") });
  expect(warnings).toContainEqual(
    expect.objectContaining({ image: "fine", kind: "warning", line: 1, rule: "StageNameCasing" }),
  );
  expect(await check(testTerminal(git.root).terminal, {}, { json: true }, ["fine"])).toBe(0);
});

test("rules that the file skips are skipped", async () => {
  const { text } = await checked("# check=skip=StageNameCasing\nFROM scratch AS Upper\nCMD a\n");
  expect(text).toContain("warning: JSONArgsRecommended");
  expect(text).not.toContain("StageNameCasing");
});

test("what the linter finds in the text is printed, and is no failure", async () => {
  const { mistakes, text } = await checked("FROM scratch AS Upper\nMAINTAINER me\n");
  expect(mistakes).toEqual([]);
  expect(text).toContain("images/app/Dockerfile:1: warning: StageNameCasing:");
  expect(text).toContain("images/app/Dockerfile:2: warning: MaintainerDeprecated:");
  expect(text).toContain("2 Dockerfiles checked, 2 to be warned of\n");
});

test("only the images that are named are looked at", async () => {
  expect(await checked("RNU make\n", ["base"])).toEqual({
    mistakes: [],
    text: "1 Dockerfile checked, nothing wrong\n",
  });
});
