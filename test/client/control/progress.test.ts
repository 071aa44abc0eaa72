import { expect, test } from "vitest";
import { progressEvents } from "../../../client/control/progress.ts";
import { control, type Init } from "../../../proto/index.ts";

/** The events of a message as it comes from the daemon. */
function events(message: Init<control.StatusResponse>) {
  return progressEvents(control.StatusResponse.decode(control.StatusResponse.encode(message)));
}

test("a vertex that hasn't started has no times", () => {
  expect(events({ vertexes: [{ digest: "sha256:a", name: "copy", inputs: ["sha256:b"] }] })).toEqual([
    {
      kind: "vertex",
      digest: "sha256:a",
      name: "copy",
      inputs: ["sha256:b"],
      cached: false,
      startedMs: undefined,
      completedMs: undefined,
      error: "",
      group: undefined,
    },
  ]);
});

test("times are milliseconds with microseconds behind the point", () => {
  const [event] = events({ vertexes: [{ started: { seconds: 1758000000, nanos: 123456000 } }] });
  expect(event).toMatchObject({ startedMs: 1758000000123.456 });
});

test("vertices come before what belongs to them", () => {
  const kinds = events({
    warnings: [{ vertex: "sha256:a", short: Buffer.from("careful") }],
    logs: [{ vertex: "sha256:a", stream: 2, msg: Buffer.from("out") }],
    statuses: [{ ID: "sha256:layer", vertex: "sha256:a", current: 1, total: 2 }],
    vertexes: [{ digest: "sha256:a" }],
  }).map(({ kind }) => kind);
  expect(kinds).toEqual(["vertex", "status", "log", "warning"]);
});

test("logs tell their stream, warnings their text", () => {
  const [out, err, warning] = events({
    logs: [{ stream: 1 }, { stream: 2 }],
    warnings: [{ short: Buffer.from("careful"), detail: [Buffer.from("why"), Buffer.from("how")], url: "https://x" }],
  });
  expect([out, err]).toMatchObject([{ stream: "stdout" }, { stream: "stderr" }]);
  expect(warning).toMatchObject({ message: "careful", detail: ["why", "how"], url: "https://x" });
});
