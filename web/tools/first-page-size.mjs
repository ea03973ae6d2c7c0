// Sums what a first visit loads (the chat before anything was asked); fails above the budget of 200 kB gzip of JavaScript.
import { readFileSync } from "node:fs"
import { gzipSync } from "node:zlib"

const budget_bytes = 200_000
const entries = ["index.html", "src/features/chat/page.tsx"]
const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"))

const files = new Set()
const visit = (key) => {
  const chunk = manifest[key]
  if (!chunk || files.has(chunk.file)) return
  files.add(chunk.file)
  for (const name of chunk.imports ?? []) visit(name)
}
for (const entry of entries) visit(entry)

let total_bytes = 0
for (const file of files) {
  const size = gzipSync(readFileSync(`dist/${file}`)).length
  total_bytes += size
  console.log(`${String(size).padStart(8)}  ${file}`)
}
console.log(`${String(total_bytes).padStart(8)}  first page, gzip (budget ${budget_bytes})`)
process.exit(total_bytes > budget_bytes ? 1 : 0)
