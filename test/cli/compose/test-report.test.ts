import { expect, it } from "vitest";
import { TestReport } from "../../../cli/compose/test-report.ts";

it("a report counts test cases and failures, and escapes what XML can't hold", () => {
  let now = 0;
  const report = new TestReport('smoke & "mirrors"', () => now);
  report.begin("workflow-default");
  report.begin("inner <1>");
  now = 1500;
  report.end("inner <1>", { message: "1 < 2\nhence", details: "\u001b[31mtrace\u001b[0m" });
  now = 2000;
  report.end("workflow-default", undefined);
  expect(report.toXml()).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" errors="0" time="3.500">
  <testsuite name="smoke &amp; &quot;mirrors&quot;" tests="2" failures="1" errors="0" time="3.500">
    <testcase classname="smoke &amp; &quot;mirrors&quot;" name="inner &lt;1&gt;" time="1.500">
      <failure message="1 &lt; 2&#10;hence">\ufffd[31mtrace\ufffd[0m</failure>
    </testcase>
    <testcase classname="smoke &amp; &quot;mirrors&quot;" name="workflow-default" time="2.000"/>
  </testsuite>
</testsuites>
`);
});
