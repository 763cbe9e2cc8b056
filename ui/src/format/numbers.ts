/** Numbers as people read them. */

/** `980 ms`, `4.2 s`, `3 min 5 s`, `2 h 4 min`, `3 d 2 h`. Negative and unknown durations read as a dash. */
export function formatMs(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '–'
  if (ms < 1) return ms === 0 ? '0 ms' : '<1 ms'
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${trimmed(ms / 1_000)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 3_600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 1_440) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(minutes / 60)
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

export function formatSeconds(seconds: number): string {
  return formatMs(seconds * 1_000)
}

/** `1,234` with the viewer's separators. */
export function formatCount(count: number): string {
  return COUNT.format(count)
}

/** `842`, `12.4k`, `3.1M`: for tokens, where the size matters more than the digit. */
export function formatTokens(count: number): string {
  if (count < 1_000) return String(count)
  if (count < 999_950) return `${trimmed(count / 1_000)}k`
  return `${trimmed(count / 1_000_000)}M`
}

/** `640 B`, `12.4 KB`, `3.1 MB`, in steps of 1,024. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024
    unit += 1
  }
  return `${unit === 0 ? value : trimmed(value)} ${units[unit]}`
}

// internal

const COUNT = new Intl.NumberFormat('en')

/** One decimal below 100, none above. */
function trimmed(value: number): string {
  return value < 99.95 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value).toString()
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}
