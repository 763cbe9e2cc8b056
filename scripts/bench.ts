/** `npm run bench -- NAME`: runs `scripts/bench/NAME.ts`, which measures and prints. Without a name it lists them. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, 'bench')
const name = process.argv[2] ?? ''
const file = join(folder, `${name}.ts`)

if (/^[a-z-]+$/.test(name) && existsSync(file)) {
  await import(file)
} else {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
  console.error(
    `npm run bench -- NAME, with NAME one of: ${names.map((entry) => entry.name.replace('.ts', '')).join(', ')}`,
  )
  process.exitCode = 2
}
