import { expect, it, test } from "vitest";
import { parseContainers } from "../../../cli/compose/containers.ts";
import { isOlder } from "../../../cli/compose/docker-versions.ts";
import { projectName } from "../../../cli/compose/project.ts";
import { activeServices } from "../../../cli/compose/select-services.ts";
import { wantedPorts } from "../../../cli/compose/taken-ports.ts";
import { neededServices } from "../../../compose/index.ts";

it("containers are read as newer and as older versions of Compose print them", () => {
  const entry = (service: string) => ({
    Service: service,
    Name: `p-${service}-1`,
    State: "running",
    Health: "",
    ExitCode: 0,
  });
  const expected = ["a", "b"].map((service) => ({
    service,
    name: `p-${service}-1`,
    state: "running",
    health: "",
    exitCode: 0,
  }));
  expect(parseContainers(`${JSON.stringify(entry("a"))}\n${JSON.stringify(entry("b"))}\n`)).toEqual(expected);
  expect(parseContainers(JSON.stringify([entry("a"), entry("b")]))).toEqual(expected);
  expect(parseContainers("")).toEqual([]);
});

test.each([
  ["24.0.4", "24.0.5", true],
  ["24.0.5", "24.0.5", false],
  ["28.5.2+dfsg4", "24.0.5", false],
  ["2.9.0", "2.15.1", true],
  ["2.40.3-3", "2.15.1", false],
  ["dev", "2.15.1", false],
])("version %s is older than %s: %s", (version, needed, expected) => {
  expect(isOlder(version, needed)).toBe(expected);
});

test.each([
  ["smoke", "smoke"],
  ["My.App", "myapp"],
  ["_x-1", "x-1"],
])("the composition %s is the project %s", (name, project) => {
  expect(projectName(name)).toBe(project);
});

const services = [
  { name: "web", config: { depends_on: { db: { condition: "service_healthy" } }, links: ["cache:c"] } },
  { name: "db", config: { network_mode: "service:net" } },
  { name: "cache", config: { profiles: ["fast"] } },
  { name: "net", config: {} },
  { name: "other", config: { volumes_from: ["db:ro", "container:x"] } },
];

test.each([
  [["web"], ["web", "db", "cache", "net"]],
  [["other"], ["db", "net", "other"]],
  [[], ["web", "db", "cache", "net", "other"]],
  [["nobody"], []],
])("services %j need %j", (names, expected) => {
  expect(neededServices(services, names).map(({ name }) => name)).toEqual(expected);
});

test.each([
  [[], {}, [], false],
  [["--profile", "fast"], {}, [], true],
  [["--profile=*"], {}, [], true],
  [[], { COMPOSE_PROFILES: "slow,fast" }, [], true],
  [[], {}, ["cache"], true],
])(
  "with options %j, environment %j and the names %j, a service of a profile is active: %s",
  (options, env, named, expected) => {
    expect(activeServices(services, options, env, named).some(({ name }) => name === "cache")).toBe(expected);
  },
);

it("ports of the host are found in short and in long entries", () => {
  const entries = [
    8080,
    "127.0.0.1::1",
    "80:8080",
    "127.0.0.1:81:8080/tcp",
    { target: 1, published: "82" },
    { target: 1 },
  ];
  expect(wantedPorts("s", entries).map(({ port }) => port)).toEqual([80, 81, 82]);
});
