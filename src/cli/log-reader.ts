/** Reads the server's log: its newest lines across the rotated files, and what is added from then on, through rotation. */
import { type FileHandle, open, readFile, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { LOG_LEVELS, type LogLevel } from '../app/config.ts'

/** One log line with what belongs to it (a stack). */
export interface LogEntry {
  text: string
  time: string | null
  level: LogLevel | null
  part: string | null
  message: string
}

/** Where a reader stands: the file, by its inode, and how far it is read, in bytes. */
export interface LogPosition {
  inode: number
  offset: number
}

/** All entries of the files, given from old to new, and where the newest one ends. Files that do not exist are empty. */
export async function readLog(
  paths: string[],
): Promise<{ entries: LogEntry[]; end: LogPosition | undefined }> {
  const texts: string[] = []
  let end: LogPosition | undefined
  for (const path of paths) {
    const found = await readWhole(path)
    if (found === undefined) continue
    texts.push(found.text)
    end = found.end
  }
  return { entries: parseLog(texts.join('')), end }
}

/**
 * Entries that are added behind `from` until `signal` aborts, to files given from new to old. When they were rotated, the rest of
 * the old one comes first, then those that are newer from their beginning.
 */
export async function* followLog(
  paths: string[],
  from: LogPosition | undefined,
  signal: AbortSignal,
): AsyncGenerator<LogEntry> {
  let position = from
  let pending = ''
  while (!signal.aborted) {
    for (const { text, at } of await readAdded(paths, position)) {
      position = at
      pending += text
    }
    // The last line may not be complete, and its stack may follow: entries end where the next one begins.
    const lineEnd = pending.lastIndexOf('\n') + 1
    yield* parseLog(pending.slice(0, lineEnd))
    pending = pending.slice(lineEnd)
    await delay(POLL_MS, undefined, { signal }).catch(() => {})
  }
}

/**
 * Splits log text into entries. Indented lines (a stack) belong to the entry before them; other lines that do not look
 * like the log's are what the runtime wrote there, and stand for themselves.
 */
export function parseLog(text: string): LogEntry[] {
  const entries: LogEntry[] = []
  for (const line of text.split('\n')) {
    const match = LINE.exec(line)
    const last = entries.at(-1)
    if (match?.groups !== undefined) {
      const { time = '', level, part = '', message = '' } = match.groups
      entries.push({ text: line, time, level: level as LogLevel, part, message })
    } else if (last !== undefined && line.startsWith(' ')) {
      last.text += `\n${line}`
      last.message += `\n${line}`
    } else if (line !== '') {
      entries.push({ text: line, time: null, level: null, part: null, message: line })
    }
  }
  return entries
}

/** Whether an entry is at least as bad as `level`. What has no level is shown: it is what the runtime said in its last moment. */
export function isAtLeast(entry: LogEntry, level: LogLevel): boolean {
  return entry.level === null || LOG_LEVELS.indexOf(entry.level) >= LOG_LEVELS.indexOf(level)
}

// internal

const POLL_MS = 100
const LINE = new RegExp(
  `^(?<time>\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z) (?<level>${LOG_LEVELS.join('|')}) +(?<part>\\S+) +(?<message>.*)$`,
)

interface Piece {
  text: string
  at: LogPosition
}

async function readWhole(path: string): Promise<{ text: string; end: LogPosition } | undefined> {
  const inode = (await stat(path).catch(() => undefined))?.ino
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (inode === undefined || bytes === undefined) return undefined
  return { text: bytes.toString(), end: { inode, offset: bytes.length } }
}

/** What was added to the files, given from new to old: in the one where the reader stands, and in all that are newer. */
async function readAdded(paths: string[], from: LogPosition | undefined): Promise<Piece[]> {
  const files: FileHandle[] = []
  try {
    // Opened, so that a rotation meanwhile does not move them.
    const inodes: number[] = []
    for (const path of paths) {
      const file = await open(path, 'r').catch(() => undefined)
      if (file === undefined) break
      files.push(file)
      inodes.push((await file.stat()).ino)
    }
    const at = from === undefined ? -1 : inodes.indexOf(from.inode)
    // Of a reader that stands nowhere (any more), what it has not seen cannot be told: it goes on with the newest.
    const pieces: Piece[] = []
    for (const [index, file] of files.slice(0, Math.max(0, at) + 1).entries()) {
      const inode = inodes[index] ?? 0
      // One that was rotated between two openings was opened twice.
      if (inode !== inodes[index - 1])
        pieces.unshift(await readFrom(file, from?.inode === inode ? from : { inode, offset: 0 }))
    }
    return pieces
  } finally {
    for (const file of files) await file.close()
  }
}

async function readFrom(file: FileHandle, from: LogPosition): Promise<Piece> {
  const { size } = await file.stat()
  // A file that became shorter was emptied: begin again.
  const start = size < from.offset ? 0 : from.offset
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
  return {
    text: buffer.toString('utf8', 0, bytesRead),
    at: { inode: from.inode, offset: start + bytesRead },
  }
}
