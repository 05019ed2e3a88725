/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The example flows of the repository are part of the flow list.
  server: { fs: { allow: [".."] } },
  build: {
    outDir: "../build/console",
    emptyOutDir: true,
    target: "es2023",
    // The Content-Security-Policy of the console allows no inline styles and no data: scripts.
    assetsInlineLimit: 0,
    cssCodeSplit: true,
  },
  worker: { format: "es" },
  test: {
    environment: "happy-dom",
    setupFiles: ["src/testing/setup.ts"],
    css: false,
  },
});
