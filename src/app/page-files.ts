/** The built web page as the server hands it out: content, type and what a cache may do with it. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'

/**
 * The file of the page that a URL path without its leading slash names (`assets/index-3f2a9c1b.js`; '' is index.html),
 * or undefined. Only names that were found in the page's folder are ever opened, so no spelling of a path leads out
 * of it.
 */
export type PageReader = (path: string) => Promise<PageFile | undefined>

export interface PageFile {
  content: Uint8Array<ArrayBuffer>
  /** The value of `content-type`. */
  type: string
  /** The value of `etag`, quotes included. */
  etag: string
  /** The name holds a hash of the content: a browser may keep it for ever. */
  immutable: boolean
}

/** Reads the page in `folder`. Its files are listed at the first request and kept in memory once they were read. */
export function createPageReader(folder: string): PageReader {
  const files = new Map<string, Promise<PageFile>>()
  let names: Set<string> | undefined
  return async (path) => {
    names ??= new Set(listFiles(folder).map((file) => relative(folder, file).split(sep).join('/')))
    const name = path === '' ? 'index.html' : path
    if (!names.has(name)) return undefined
    const file = files.get(name) ?? readPageFile(folder, name)
    files.set(name, file)
    return file
  }
}

// internal

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** The names that Vite gives: `assets/<name>-<8 characters of a hash>.<ending>`. */
const HASHED = /^assets\/.*-[\w-]{8}\.\w+$/

async function readPageFile(folder: string, name: string): Promise<PageFile> {
  const content = new Uint8Array(await readFile(join(folder, name)))
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 22)
  return {
    content,
    type: TYPES[extname(name)] ?? 'application/octet-stream',
    etag: `"${hash}"`,
    immutable: HASHED.test(name),
  }
}

/** Every file below `folder`, by plain calls only: the executable's file system does not know `withFileTypes`. */
function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? listFiles(path) : [path]
  })
}
