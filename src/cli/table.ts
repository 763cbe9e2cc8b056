/** Rows of text in columns. */
import { escapeControls } from '../domain/printable.ts'

export interface Column {
  title: string
  align?: 'right'
  /** May be cut to this many characters when the rows are wider than the terminal. */
  cutTo?: number
}

/** A headline and the rows, no wider than `columnsMax` as far as cutting allows. Control characters in cells are escaped. */
export function renderTable(columns: Column[], cells: string[][], columnsMax: number): string[] {
  const rows = cells.map((row) => row.map(escapeControls))
  const natural = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  )
  const surplus = natural.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - columnsMax
  const widths = shrink(natural, columns, surplus)
  const render = (cells: string[]): string =>
    columns
      .map(({ align }, index) => {
        const [cell, width] = [cut(cells[index] ?? '', widths[index] ?? 0), widths[index] ?? 0]
        return align === 'right' ? cell.padStart(width) : cell.padEnd(width)
      })
      .join(GAP)
      .trimEnd()
  return [render(columns.map(({ title }) => title)), ...rows.map(render)]
}

// internal

const GAP = '  '

function shrink(widths: number[], columns: Column[], surplus: number): number[] {
  let left = Math.max(0, surplus)
  return widths.map((width, index) => {
    const least = Math.min(width, columns[index]?.cutTo ?? width)
    const less = Math.min(left, width - least)
    left -= less
    return width - less
  })
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text
}
