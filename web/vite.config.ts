import tailwindcss from "@tailwindcss/vite"
import react from "@vitejs/plugin-react"
import { defineConfig, loadEnv } from "vite"

const backend = loadEnv("development", ".", "OMNI2_").OMNI2_BACKEND ?? "http://127.0.0.1:8400"

/** The backend compares `Origin` with its own address, so the proxy speaks as if it were at home there. */
const proxied = { target: backend, changeOrigin: true, headers: { origin: backend } }

/** All icons that several pages show travel together: one file instead of one each. */
const icons = { name: "icons", test: /lucide-react/, minShareCount: 2 }

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { tsconfigPaths: true },
  build: {
    manifest: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    rolldownOptions: { output: { codeSplitting: { groups: [icons] } } },
  },
  server: {
    port: 5173,
    proxy: { "/api": proxied, "/ws": { ...proxied, ws: true } },
  },
})
