/** Times in the viewer's zone. The exact text of the producer is shown on hover beside them. */

/** `14:03:22.418`: for the events of one run. */
export function formatClock(time: number): string {
  return Number.isNaN(time) ? '–' : CLOCK.format(time)
}

/** `22 Nov 2026, 14:03:22`: for a moment of any day. */
export function formatMoment(time: number): string {
  return Number.isNaN(time) ? '–' : MOMENT.format(time)
}

/** `just now`, `4 min ago`, `3 h ago`, `2 d ago`, then the date. */
export function formatAgo(time: number, now: number): string {
  if (Number.isNaN(time)) return '–'
  if (now - time < 9_500) return 'just now'
  return now - time < 7 * 86_400_000 ? `${formatSpan(now - time)} ago` : DATE.format(time)
}

/** `12 s`, `4 min`, `3 h`, `6 d`: how long something has been, where the unit says enough. */
export function formatSpan(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** For hovering: the moment in the viewer's zone with its name, and the timestamp as it was published. */
export function exactTime(timestamp: string): string {
  const time = Date.parse(timestamp)
  return Number.isNaN(time) ? timestamp : `${EXACT.format(time)}\n${timestamp}`
}

// internal

const CLOCK = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})
const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })
const EXACT = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'full',
  timeStyle: 'long',
})
