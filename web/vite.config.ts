/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = process.env["PINNACE_SERVER"] ?? "http://127.0.0.1:8765";

export default defineConfig({
  // Relative addresses: the server may live under any path, and says so in <base>.
  base: "./",
  plugins: [react()],
  resolve: { alias: { "~": here("./src") } },
  build: {
    outDir: here("../src/pinnace/api/web/static"),
    emptyOutDir: true,
    target: "es2022",
    // The Content-Security-Policy allows no data: scripts, and small files gain nothing on one's own machine.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: "es" },
  server: { proxy: { "/apis": server, "/healthz": server, "/openapi.json": server } },
  test: {
    environment: "happy-dom",
    include: ["test/**/*.test.{ts,tsx}"],
    setupFiles: ["test/setup.ts"],
    css: { modules: { classNameStrategy: "non-scoped" } },
  },
});
