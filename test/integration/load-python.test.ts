// mzcompose.py files, run by the python3 of this machine; what workflows want is noted, not done.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadPython } from "../../cli/compose/load-python.ts";
import { type CompositionOperations, type Json, OPERATIONS, WorkflowError } from "../../compose/index.ts";

const python = spawnSync("python3", ["--version"]).status === 0;
if (!python) process.stderr.write("tests of mzcompose.py are skipped: there is no python3\n");

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "load-python-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const options = { env: { ...process.env, MZ_QUIET: "1" }, signal: new AbortController().signal };

function load(
  text: string,
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string | undefined>> = options.env,
  dataOnly = false,
) {
  for (const [path, content] of Object.entries({ "test/fancy/mzcompose.py": text, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const directory = join(root, "test/fancy");
  return loadPython(
    { form: "mzcompose.py", directory, file: join(directory, "mzcompose.py"), root },
    { ...options, env, dataOnly },
  );
}

/** Operations that note what is asked of them and answer from a table; those that are not in it answer nothing. */
function operations(answers: Readonly<Record<string, (request: Json) => Json | undefined>> = {}) {
  const calls: [string, unknown][] = [];
  const table = OPERATIONS.map((name) => [
    name,
    async (request: Json) => {
      calls.push([name, request]);
      return answers[name]?.(request);
    },
  ]);
  // A table of all operations, each of them with JSON in and out.
  return { calls, operations: Object.fromEntries(table) as CompositionOperations };
}

const ok = (stdout = "") => ({ exitCode: 0, stdout, stderr: "" });

describe.skipIf(!python)("an mzcompose.py", () => {
  it("is a composition as data, with paths as text and tuples as lists", async () => {
    await using loaded = await load(`
"""What it is for.

More of it.
"""
from pathlib import Path
from materialize.mzcompose import Service
from materialize.mzcompose.services import Postgres
from materialize.mzcompose.services.zookeeper import Zookeeper

SERVICES = [
    Service("fancy-loadgen", {"mzbuild": "fancy-loadgen", "volumes": [Path("/x")], "ports": (80, "81")}),
    Postgres(image="postgres:16", ports=[5432]),
    Zookeeper(),
]
VOLUMES = {"v": None}
NETWORKS = {"n": {"driver": "bridge"}}

def workflow_run_twice(c, parser):
    "Runs it twice."

def workflow_default(c):
    pass

def helper():
    pass
`);
    expect(loaded.data.services[0]).toEqual({
      name: "fancy-loadgen",
      config: { mzbuild: "fancy-loadgen", volumes: ["/x"], ports: [80, "81"] },
    });
    expect(loaded.data.services.map(({ name }) => name)).toEqual(["fancy-loadgen", "postgres", "zookeeper"]);
    expect(loaded.data.services[1]?.config).toMatchObject({ image: "postgres:16", ports: [5432] });
    expect({ ...loaded.data, services: [] }).toEqual({
      services: [],
      volumes: { v: null },
      networks: { n: { driver: "bridge" } },
      others: {},
      workflows: [
        { name: "default", description: undefined },
        { name: "run-twice", description: "Runs it twice." },
      ],
      description: "What it is for.\n\nMore of it.",
    });
  });

  it("finds modules that the repository and its own directory have", async () => {
    await using loaded = await load(
      `
from beside import NAME
from materialize.mzcompose import OWN_DEFAULT, Service
from materialize.mzcompose.services import Loadgen
from materialize.mzcompose.services.kafka import Kafka
from materialize.extra import answer
from materialize import MZ_ROOT, ui
SERVICES = [Service(NAME, {"image": f"{OWN_DEFAULT}{answer}", "volumes": [MZ_ROOT]}), Loadgen(), Kafka(), Service(ui.SAID, {})]
`,
      {
        "test/fancy/beside.py": 'NAME = "n"',
        "misc/python/materialize/__init__.py": "raise Exception('not needed')",
        "misc/python/materialize/ui.py": 'SAID = "theirs"',
        "misc/python/materialize/extra.py": "answer = 42",
        "misc/python/materialize/mzcompose/__init__.py": 'OWN_DEFAULT = "own"',
        "misc/python/materialize/mzcompose/services/__init__.py":
          "from materialize.mzcompose.service import Service\nclass Loadgen(Service):\n    def __init__(self):\n        super().__init__('loadgen', {})",
        "misc/python/materialize/mzcompose/services/kafka.py":
          "from materialize.mzcompose.service import Service\nclass Kafka(Service):\n    def __init__(self):\n        super().__init__('their-kafka', {})",
      },
    );
    expect(loaded.data.services).toEqual([
      { name: "n", config: { image: "own42", volumes: [root] } },
      { name: "loadgen", config: {} },
      { name: "their-kafka", config: {} },
      { name: "theirs", config: {} },
    ]);
  });

  it("does not run what the repository's package is made of before something of it is asked for", async () => {
    await using loaded = await load(
      `
from materialize import buildkite
from materialize.mzcompose import Composition, loader
from materialize.mzcompose.services import Kafka, Service
SERVICES = [Service(buildkite.NAME, {})]
`,
      {
        "misc/python/materialize/__init__.py": "raise Exception('not needed')",
        "misc/python/materialize/buildkite.py": "from materialize import spawn, ui\nNAME = 'n'",
        "misc/python/materialize/mzcompose/__init__.py": "import nowhere_to_be_found",
        "misc/python/materialize/mzcompose/composition.py": "import nowhere_to_be_found",
        "misc/python/materialize/mzcompose/services/kafka.py": "class Kafka:\n    pass",
      },
    );
    expect(loaded.data.services).toEqual([{ name: "n", config: {} }]);
  });

  it("gets the versions that the repository's package says, in its own services and in ours", async () => {
    const theirs = {
      "misc/python/materialize/mzcompose/__init__.py": "DEFAULT_CONFLUENT_PLATFORM_VERSION = '1.2.3'",
      "misc/python/materialize/mzcompose/services/kafka.py":
        "from materialize.mzcompose import DEFAULT_CONFLUENT_PLATFORM_VERSION as TAG, Service\nclass Kafka(Service):\n    def __init__(self):\n        super().__init__('kafka', {'image': TAG})",
    };
    await using loaded = await load(
      "from materialize.mzcompose.services import Kafka, Zookeeper\nSERVICES = [Kafka(), Zookeeper()]\n",
      theirs,
    );
    const images = loaded.data.services.map(({ config }) => config["image"]);
    expect(images).toEqual(["1.2.3", expect.stringMatching(/:1\.2\.3$/)]);
  });

  it.each([
    [
      "def f():\n    return missing\n\nf()\n",
      /^test\/fancy\/mzcompose.py can't be loaded\nTraceback.*\n.*fancy\/mzcompose.py", line 4, in <module>\n(.*\n)*.*line 2, in f\n(.*\n)*NameError: name 'missing' is not defined$/,
    ],
    ["x = (\n", /mzcompose.py", line 1\n(.*\n)*SyntaxError: /],
    ["import nowhere_to_be_found\n", /ModuleNotFoundError/],
    ["import os\nos._exit(7)\n", /can't be loaded: python3 ended with exit code 7/],
    ["import sys\nsys.exit('no way')\n", /^test\/fancy\/mzcompose.py: no way$/],
    ["SERVICES = [3]\n", /SERVICES has 3, which is no service/],
    [
      "from materialize.mzcompose import Service\nSERVICES = [Service('x', {'image': object()})]\n",
      /service 'x' has a value of type object/,
    ],
  ])("that can't be loaded says why: %j", async (text, message) => {
    const error = await load(text).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "bad-composition", message: expect.stringMatching(message) });
    expect(String(error)).not.toContain("mzbuild_host");
  });

  it("tells what is missing: Python, a package, a part of Materialize", async () => {
    const without = load("", {}, { ...options.env, MZBUILD_PYTHON: "/nowhere/python3" });
    await expect(without).rejects.toMatchObject({ code: "missing-program", hint: expect.stringContaining("apt-get") });
    await expect(load("import nowhere_to_be_found")).rejects.toMatchObject({
      hint: expect.stringContaining("install nowhere_to_be_found there"),
    });
    await expect(load("from materialize.mzcompose.services.materialized import Materialized")).rejects.toMatchObject({
      hint: expect.stringContaining("docs/mzcompose-python.md"),
    });
  });
});

describe.skipIf(!python)("a workflow in Python", () => {
  it.each([true, false])(
    "imports installed packages, its repository's and its neighbours; workflows to run or not: %s",
    async (dataOnly) => {
      const version = spawnSync("python3", ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).stdout;
      const packages = `user/lib/python${version.toString().trim()}/site-packages`;
      const env = { ...options.env, PYTHONUSERBASE: join(root, "user"), PYTHONNOUSERSITE: undefined };
      const text = `
import installed, ours, neighbour
SERVICES = []
NETWORKS = {"found": [installed.NAME, ours.NAME, neighbour.NAME], "exit": callable(exit)}
`;
      const files = {
        [`${packages}/installed.py`]: 'NAME = "installed"\n',
        [`${packages}/ours.py`]: 'NAME = "installed, which goes first"\n',
        "misc/python/ours.py": 'NAME = "ours"\n',
        "test/fancy/neighbour.py": 'NAME = "neighbour"\n',
      };
      await using loaded = await load(text, files, env, dataOnly);
      expect(loaded.data.networks).toEqual({
        found: ["installed", "installed, which goes first", "neighbour"],
        exit: true,
      });
    },
  );

  it("calls the operations with what its methods were given, and gets what they answer", async () => {
    await using loaded = await load(`
from materialize.mzcompose.composition import Composition, WorkflowArgumentParser
from materialize.mzcompose.service import Service

def workflow_default(c: Composition, parser: WorkflowArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=1)
    args = parser.parse_args()
    c.up("db", persistent=True)
    c.up("--scale", "db=2", "db")
    c.up("app", Service("db", idle=True))
    c.copy("app:/out", "here")
    ran = c.run("app", "go", str(args.count), capture=True, rm=True, env_extra={"A": "b"})
    assert ran.stdout == "42\\n" and ran.returncode == 0, ran
    c.exec("app", "ls", stdin="typed", workdir="/w")
    with c.override(Service("db", {"image": "other"})):
        c.kill("db", signal="SIGTERM")
    assert c.port("db", 5432) == 1234
    assert c.container_id("db") is None
    assert c.name == "fancy" and c.path.name == "fancy"
    c.down(destroy_volumes=False)
`);
    const services = () => ({ app: { entrypoint: ["in"] }, db: {} });
    const { calls, operations: given } = operations({
      run: () => ok("42\n"),
      exec: () => ok(),
      invoke: () => ok(),
      services,
      port: () => 1234,
    });
    await loaded.runWorkflow("default", ["--count", "42"], given);
    const command = { detach: false, env: {}, capture: false, captureStderr: false, check: false };
    expect(calls.filter(([name]) => name !== "services")).toEqual([
      ["up", { services: ["db"], detach: true, wait: true, persistent: true }],
      ["up", { options: ["--scale", "db=2", "db"], detach: true, wait: true, persistent: false }],
      ["up", { services: ["app", "db"], detach: true, wait: true, persistent: ["db"] }],
      ["invoke", { args: ["cp", "app:/out", "here"], capture: false, captureStderr: false, check: false }],
      ["run", { ...command, service: "app", args: ["go", "42"], rm: true, env: { A: "b" }, capture: true }],
      ["exec", { ...command, service: "app", args: ["in", "ls"], stdin: "typed", workdir: "/w" }],
      ["pushOverride", { services: [{ name: "db", config: { image: "other" } }], allowNew: false }],
      ["kill", { services: ["db"], signal: "SIGTERM", wait: true }],
      ["popOverride", {}],
      ["port", { service: "db", port: 5432 }],
      ["containerId", { service: "db" }],
      ["down", { volumes: false, removeOrphans: true }],
    ]);
  });

  const THEIR_METHODS = `
from contextlib import contextmanager

class Composition:
    def run_twice(self, *args):
        return [self.run("app", arg, capture=True).stdout for arg in args]

    @contextmanager
    def stopped(self, service):
        self.stop(service)
        yield

    def up(self, *services):
        raise Exception("not needed")
`;

  it("has the methods besides that the repository's own Composition has", async () => {
    await using loaded = await load(
      `
def workflow_default(c):
    c.up("db")
    with c.stopped("db"):
        assert c.run_twice("1", "2") == ["x", "x"]
    assert not hasattr(c, "nothing")
`,
      { "misc/python/materialize/mzcompose/composition.py": THEIR_METHODS },
    );
    const { calls, operations: given } = operations({ run: () => ok("x"), services: () => ({ app: {}, db: {} }) });
    await loaded.runWorkflow("default", [], given);
    const asked = calls.filter(([name]) => name !== "services");
    expect(asked.map(([name]) => name)).toEqual(["up", "stop", "run", "run"]);
  });

  it("says what the repository's own Composition lacks", async () => {
    await using loaded = await load(
      "def workflow_default(c):\n    try:\n        c.run_twice()\n    except AttributeError as e:\n        raise ValueError(e)\n",
      { "misc/python/materialize/mzcompose/composition.py": "import nowhere_to_be_found" },
    );
    await expect(loaded.runWorkflow("default", [], operations().operations)).rejects.toThrow(
      /no attribute 'run_twice': .*, and the repository's own Composition can't be loaded: No module named 'nowhere_to_be_found'/,
    );
  });

  it("reports test cases, and goes on when one fails", async () => {
    await using loaded = await load(`
from materialize.ui import UIError

def workflow_default(c):
    with c.test_case("good"):
        pass
    with c.test_case("bad"):
        raise UIError("as expected")
    with c.test_case("last"):
        c.workflow("other", "x")

def workflow_other(c, parser):
    parser.add_argument("file")
    assert parser.parse_args().file == "x"
    c.stop("s")
`);
    const { calls, operations: given } = operations();
    await loaded.runWorkflow("default", [], given);
    expect(calls).toEqual([
      ["beginTest", { name: "good" }],
      ["endTest", { name: "good" }],
      ["beginTest", { name: "bad" }],
      [
        "endTest",
        {
          name: "bad",
          error: { message: "materialize.ui.UIError: as expected", details: expect.stringContaining("Traceback") },
        },
      ],
      ["beginTest", { name: "last" }],
      ["stop", { services: ["s"] }],
      ["endTest", { name: "last" }],
    ]);
  });

  it.each([
    [
      "c.run('app')",
      {
        message: "running docker compose failed (exit status 3)",
        told: false,
        hint: "in workflow default, test/fancy/mzcompose.py:6",
      },
    ],
    [
      "c.up('db')",
      {
        message: "no such service: db",
        told: false,
        hint: "try another; in workflow default, test/fancy/mzcompose.py:6",
      },
    ],
    ["raise ValueError('x')", { message: "workflow default failed: ValueError: x", told: true }],
    ["import sys; sys.exit(4)", { message: "workflow default ended with exit status 4", told: true }],
    ["import os; os._exit(9)", { message: "workflow default came to no end: python3 ended with exit code 9" }],
  ])("that fails is told of: %s", async (statement, expected) => {
    await using loaded = await load(`
import os
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

def workflow_default(c):
    ${statement}
`);
    const { operations: given } = operations({
      run: () => ({ exitCode: 3, stdout: "", stderr: "" }),
      up: () => {
        throw new WorkflowError("no such service: db", { hint: "try another" });
      },
    });
    await expect(loaded.runWorkflow("default", [], given)).rejects.toMatchObject({
      name: "WorkflowError",
      ...expected,
    });
  });
});
