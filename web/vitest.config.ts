import { defineConfig } from "vitest/config"

/** One set of modules for all files of a worker: loading them anew for each takes longer than the tests. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
    pool: "threads",
    isolate: false,
    setupFiles: ["vitest.setup.ts"],
    restoreMocks: true,
  },
})
