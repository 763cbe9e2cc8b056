/** A progress bar: one line on stderr that redraws itself, at most 20 times a second, and leaves nothing behind. */
import type { WriteStream } from 'node:tty'
import { escapeControls } from '../domain/printable.ts'
import type { Paint } from './terminal.ts'

export interface Progress {
  /** `total` 0 means that it is not known: only the count is shown. */
  update(step: { done: number; total: number; note?: string }): void
  /** Removes the bar; what is said next has the line to itself. Twice is fine. */
  clear(): void
}

export function createProgress(stream: WriteStream, paint: Paint): Progress {
  if (stream.isTTY !== true) return { update: () => {}, clear: () => {} }
  let drawnAt = 0
  return {
    update(step) {
      if (performance.now() - drawnAt < REDRAW_MS) return
      drawnAt = performance.now()
      stream.write(`\r${ERASE_LINE}${barOf(step, stream.columns || 80, paint)}`)
    },
    clear() {
      if (drawnAt > 0) stream.write(`\r${ERASE_LINE}`)
      drawnAt = 0
    },
  }
}

// internal

const REDRAW_MS = 50
const ERASE_LINE = '\u001b[2K'
const BAR_COLUMNS = 24

function barOf(
  { done, total, note }: { done: number; total: number; note?: string },
  columns: number,
  paint: Paint,
): string {
  const share = total > 0 ? Math.min(1, done / total) : 0
  const full = Math.round(share * BAR_COLUMNS)
  const bar = total > 0 ? `${paint.cyan('█'.repeat(full))}${paint.dim('░'.repeat(BAR_COLUMNS - full))} ` : ''
  const percent = total > 0 ? `${String(Math.floor(share * 100)).padStart(3)} %  ` : ''
  const count = total > 0 ? `${grouped(done)}/${grouped(total)}` : grouped(done)
  const room = columns - 1 - (bar ? BAR_COLUMNS + 1 : 0) - percent.length - count.length
  return `${bar}${percent}${count}${paint.dim(`  ${escapeControls(note ?? '')}`.slice(0, Math.max(0, room)))}`
}

/** 1234567 as 1,234,567. */
function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
