/**
 * `npm run build:binary`: in `dist/` the executable `ao-server` for this machine, `ao-record`, which is the same file
 * under a second name, a compressed copy to hand out, its checksum, and the licences of everything inside.
 * With `-- --arch arm64` it makes the compressed copy for that processor, which nothing here can run.
 */
import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildAll } from './build/all.ts'
import { compress, writeChecksums } from './build/archive.ts'
import { buildExecutable } from './build/executable.ts'
import { nodeFor } from './build/node-package.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const { values } = parseArgs({ options: { arch: { type: 'string', default: process.arch } } })
const arch = values.arch === 'arm64' ? 'arm64' : 'x64'
const native = arch === process.arch
const output = join(dist, native ? 'ao-server' : `ao-server-linux-${arch}`)

await buildAll(root)
await buildExecutable(root, await nodeFor(root, arch), output)
const archive = await compress(output, join(dist, `ao-server-linux-${arch}.gz`))
if (native) {
  await rm(join(dist, 'ao-record'), { force: true })
  await symlink('ao-server', join(dist, 'ao-record'))
} else {
  await rm(output)
  console.log(`linux-${arch} was built but not run: this machine is ${process.arch}`)
}
await writeChecksums(dist)
console.log(`${archive.path}: ${(archive.bytes / 2 ** 20).toFixed(1)} MiB`)
