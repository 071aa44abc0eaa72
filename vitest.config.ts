import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/reporter/closing-line.ts";

export default defineConfig({
  test: {
    reporters: ["default", new ClosingLine()],
    projects: [
      {
        test: {
          name: "unit",
          // The tests change nothing that others see, and a world of its own for each file takes half of the time.
          isolate: false,
          // By default one processor is left to others, of the two that a CI machine may have.
          maxWorkers: "100%",
          // Some start dozens of processes; a busy machine may take its time.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: ["test/**/*.test.ts"],
          exclude: ["test/integration/**", "**/node_modules/**", "**/testdata/**"],
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          globalSetup: ["test/integration/global-setup.ts"],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
