/** A stored run as newline-delimited JSON: its events as they were published, in stored order (rule I10). */
import { onOneLine } from '../domain/event-text.ts'
import type { Reader } from '../store/thread.ts'
import { type PageLimits, storedPages } from './stored-pages.ts'

/**
 * One event a line. Line breaks in a published text stand between its tokens, since JSON strings hold none; they become
 * spaces, and nothing else is changed.
 */
export async function* exportRun(reader: Reader, runId: string, limits: PageLimits): AsyncGenerator<string> {
  for await (const page of storedPages(reader, runId, limits)) {
    yield page.map(({ text }) => `${onOneLine(text)}\n`).join('')
  }
}
