/**
 * Makes the one-file executable: Node with the built package in a read-only virtual file system (pkg's SEA mode). Nothing is
 * downloaded for this machine's kind of processor: its Node is an npm package like the others.
 *
 * The staged package is the npm package's layout (src/app/assets.ts) with better-sqlite3 beside it, and with the files that
 * have to lie on disk in one folder.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ADDON } from '../../src/app/extracted-files.ts'
import { copyPatchedPkg } from './pkg-copy.ts'
import { bundleWholeThreads } from './server.ts'

const run = promisify(execFile)

export interface Target {
  arch: 'x64' | 'arm64'
  /** The Node to embed, and its version without the v. */
  node: string
  nodeVersion: string
}

/** Builds `output` from `dist/`, which has to be built. */
export async function buildExecutable(root: string, target: Target, output: string): Promise<void> {
  const work = join(root, 'node_modules', '.cache', 'ao-executable')
  await rm(work, { recursive: true, force: true })
  try {
    const stage = join(work, 'ao-server')
    await stagePackage(root, stage, target)
    await seedNode(work, target)
    const pkg = await copyPatchedPkg(root, join(work, 'pkg'))
    const range = `node${target.nodeVersion}-linux-${target.arch}`
    await run(process.execPath, [pkg, stage, '-t', range, '-o', output], {
      cwd: work,
      env: { ...process.env, HOME: work },
    })
    await chmod(output, 0o755)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

// internal

async function stagePackage(root: string, stage: string, target: Target): Promise<void> {
  const sqlite = join('node_modules', 'better-sqlite3')
  const parts = [join('dist', 'ui'), join(sqlite, 'lib'), join(sqlite, 'package.json')]
  for (const part of parts) await cp(join(root, part), join(stage, part), { recursive: true })
  await cp(join(root, 'dist'), join(stage, 'dist'), {
    recursive: true,
    filter: (path) => path === join(root, 'dist') || /\.(mjs|js)$|\/dist\/package\.json$/.test(path),
  })
  await stageFilesToExtract(
    root,
    join(stage, 'native'),
    join(root, sqlite, 'prebuilds', `linux-${target.arch}.node`),
  )
  await writeFile(join(stage, 'package.json'), JSON.stringify(await stagedManifest(root, target)))
}

/** What `src/app/extracted-files.ts` copies, in a folder that is named for its content. */
async function stageFilesToExtract(root: string, folder: string, addon: string): Promise<void> {
  const unnamed = join(folder, 'unnamed')
  await bundleWholeThreads(root, unnamed)
  await cp(join(root, 'drizzle'), join(unnamed, 'drizzle'), { recursive: true })
  await cp(addon, join(unnamed, ADDON))
  const hash = createHash('sha256')
  for (const entry of (await readdir(unnamed, { recursive: true })).sort()) {
    const path = join(unnamed, entry)
    if ((await stat(path)).isFile()) hash.update(`${entry}\0`).update(await readFile(path))
  }
  await rename(unnamed, join(folder, hash.digest('hex').slice(0, 32)))
}

async function stagedManifest(root: string, target: Target): Promise<object> {
  const { name, version, license } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  return {
    name,
    version,
    license,
    type: 'module',
    bin: 'dist/ao-server.js',
    pkg: {
      sea: true,
      // Compressed files would be kept unpacked in memory; the archive compresses the whole executable.
      compress: 'None',
      assets: ['dist/**/*', 'native/**/*', 'node_modules/**/*', 'package.json'],
      // V8's compiled code fits one kind of processor only.
      seaConfig: { useCodeCache: target.arch === process.arch },
    },
  }
}

/** Puts Node where pkg looks for what it downloaded before, with the marks that it is complete. */
async function seedNode(home: string, target: Target): Promise<void> {
  const cache = join(home, '.pkg-cache', 'sea')
  const name = `node-v${target.nodeVersion}-linux-${target.arch}`
  await mkdir(join(cache, name, 'bin'), { recursive: true })
  await stripped(target.node, join(cache, name, 'bin', 'node'))
  for (const mark of [`${name}/bin/node.ok`, `${name}.tar.gz`, `${name}.tar.gz.ok`]) {
    await writeFile(join(cache, mark), '')
  }
}

/** Symbols are 15 % of Node and nobody reads them; without binutils for its kind of processor they stay in. */
async function stripped(node: string, copy: string): Promise<void> {
  await cp(node, copy)
  try {
    await run('strip', ['--strip-all', copy])
  } catch {
    await cp(node, copy)
    console.warn('strip (Debian package binutils) could not be used: the executable will be 4 MB larger')
  }
  await chmod(copy, 0o755)
}
