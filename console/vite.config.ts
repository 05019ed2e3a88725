/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { licenses } from "./licenses.ts";

const thirdParty = licenses("licenses.txt");

export default defineConfig({
  plugins: [react(), thirdParty.inPages],
  resolve: {
    alias: {
      // 15 kB of the first load. Cloudscape uses it for one text alone, the description of an ErrorBoundary, which the
      // console does not give.
      "intl-messageformat": fileURLToPath(new URL("src/app/plain-message.ts", import.meta.url)),
    },
  },
  // The example flows of the repository are part of the flow list.
  server: { fs: { allow: [".."] } },
  build: {
    outDir: "../build/console",
    emptyOutDir: true,
    target: "es2023",
    // The Content-Security-Policy of the console allows no inline styles and no data: scripts.
    assetsInlineLimit: 0,
    cssCodeSplit: true,
    // What every page needs is one file: it is 23 kB smaller than 50 files, and comes earlier.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "frame", tags: ["$initial"] }] } } },
  },
  test: {
    css: false,
    testTimeout: 30_000, // on a machine that is busy with something else, too
    projects: [
      // Rules know no page, and share nothing that another file changes.
      { extends: true, test: { name: "rules", include: ["src/**/*.test.ts"], isolate: false } },
      {
        extends: true,
        test: {
          name: "pages",
          include: ["src/**/*.test.tsx"],
          environment: "happy-dom",
          setupFiles: ["src/testing/setup.ts"],
        },
      },
    ],
  },
});
