import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const root = import.meta.dirname;

export default defineConfig({
  root,
  plugins: [react()],
  resolve: { alias: { "@ui": resolve(root, "src") } },
  // Every tag that the build writes carries the placeholder, which the server replaces in each answer.
  html: { cspNonce: "__NONCE__" },
  css: { postcss: { plugins: [] } },
  build: {
    outDir: resolve(root, "../src/towpath/server/static"),
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    sourcemap: false,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        // The texts of all pages in one language come as one file; so does what every page needs.
        codeSplitting: {
          groups: [
            { name: "shell", tags: ["$initial"] },
            { name: "texts-en", test: /\/(ui|i18n)\/(texts\/\w+\.)?en\.ts$/ },
            { name: "texts-fr", test: /\/(ui|i18n)\/(texts\/\w+\.)?fr\.ts$/ },
          ],
        },
      },
    },
    // Inlined files would be `data:` addresses, which the policy allows for images alone.
    assetsInlineLimit: 0,
  },
  server: {
    fs: { allow: [resolve(root, "..")] },
    proxy: { "/api": "http://127.0.0.1:8300" },
  },
});
