/** Bundles the program: `dist/main.mjs` with its lazily loaded chunks, the threads, and the files that start them. */
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'

/** Bundles into `dist` and returns the paths of the files that went in. */
export async function buildServer(root: string): Promise<string[]> {
  const dist = join(root, 'dist')
  await mkdir(dist, { recursive: true })
  for (const name of await readdir(dist)) {
    if (name.endsWith('.mjs') || name.endsWith('.cjs')) await rm(join(dist, name))
  }
  const bundles = [program(root), threads(root)]
  const results = await Promise.all(bundles.map((bundle) => build({ ...COMMON, ...bundle, metafile: true })))
  for (const name of ['ao-server', 'ao-record']) {
    await copyFile(join(root, 'scripts', 'build', 'entry.cjs'), join(dist, `${name}.js`))
  }
  await writeFile(join(dist, 'package.json'), '{"type":"commonjs"}\n')
  return results.flatMap((result) => Object.keys(result.metafile.inputs))
}

/** Bundles the threads with better-sqlite3's own code, for a place without `node_modules`; the addon's path is passed to them. */
export async function bundleWholeThreads(root: string, folder: string): Promise<void> {
  await build({ ...COMMON, ...threads(root), external: [], outdir: folder })
}

// internal

/** zod brings the messages of 40 languages, a fifth of the bundle; answers are in English. */
function englishOnly(): Plugin {
  return {
    name: 'english-only',
    setup(bundle) {
      bundle.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({ contents: 'export {}' }))
    },
  }
}

const COMMON = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  logLevel: 'warning',
  legalComments: 'none',
  // What is parsed at each start is half as long; names stay, so that a stack can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 160,
  plugins: [englishOnly()],
  // It finds its addon beside its own files.
  external: ['better-sqlite3'],
} satisfies BuildOptions

/** Modules, so that what a subcommand does not need is neither read nor compiled. */
function program(root: string): BuildOptions {
  return {
    entryPoints: { main: join(root, 'src', 'cli', 'main.ts') },
    outdir: join(root, 'dist'),
    format: 'esm',
    splitting: true,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunk-[hash]',
    // CommonJS packages inside call require().
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  }
}

/** One CommonJS file each: the executable compiles the script of a worker as such. */
function threads(root: string): BuildOptions {
  return {
    entryPoints: {
      worker: join(root, 'src', 'store', 'worker.ts'),
      gateway: join(root, 'src', 'gateway', 'worker.ts'),
    },
    outdir: join(root, 'dist'),
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
  }
}
