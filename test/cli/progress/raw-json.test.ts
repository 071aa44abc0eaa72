import { describe, expect, it } from "vitest";
import { playback } from "./playback.ts";
import { recordedEvents, recordedLines } from "./recording.ts";

/** A message of buildctl as we have it, an event a line. Escapes go through as Go wrote them. */
function eventLines(line: string): string[] {
  const message: Record<string, unknown[]> = JSON.parse(line);
  return Object.entries(message).flatMap(([kind, items]) =>
    items.map((item) =>
      JSON.stringify({ [kind]: [item] }).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
    ),
  );
}

describe("rawjson", () => {
  it.each(["built", "cached", "failed", "pulled"])(
    "says of the build %s what buildctl says, an event a line",
    (name) => {
      const { progress, play, text } = playback({ mode: "rawjson" });
      play(recordedEvents(name));
      progress.finish("done");
      expect(text().trimEnd().split("\n")).toEqual(recordedLines(name).flatMap(eventLines));
    },
  );

  it("puts a warning of ours into the same shape, and leaves notes out", () => {
    const { progress, text } = playback({ mode: "rawjson" });
    progress.note("engine: embedded");
    progress.warning("no .git here");
    expect(JSON.parse(text())).toEqual({
      warnings: [{ level: 1, short: Buffer.from("no .git here").toString("base64") }],
    });
  });
});
