/**
 * Headers of a file that somebody else's program made. Whatever is in it, a browser shows it as an image or as text, or saves it: it
 * never runs it, and never takes it for a page of this server.
 */
import { basename, extname } from 'node:path'

export function fileHeaders(path: string): Record<string, string> {
  const type = TYPES[extname(path).toLowerCase()] ?? OTHER
  const shown = type === OTHER ? 'attachment' : 'inline'
  return {
    'content-type': type,
    'content-disposition': `${shown}; filename*=UTF-8''${encodeURIComponent(basename(path))}`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
}

// internal

const OTHER = 'application/octet-stream'
const TEXT = 'text/plain; charset=utf-8'
const TEXT_NAMES =
  '.txt .md .log .csv .tsv .json .jsonl .ndjson .yaml .yml .toml .ini .xml .html .htm .svg .css .js .mjs .ts .py .sh .sql'

const TYPES: Record<string, string> = {
  ...Object.fromEntries(TEXT_NAMES.split(' ').map((name) => [name, TEXT])),
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
}
