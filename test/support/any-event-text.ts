/** Texts that are valid events in every spelling that JSON allows, as a seeded generator makes them. */
import type { Random } from './random.ts'

/** Half of the texts nearly have the usual spelling: that is where a mistake would show. */
export function anyEventText(random: Random): string {
  return random.chance(0.5) ? usualText(random) : freeText(random)
}

// internal

const ENVELOPE = ['event_id', 'timestamp', 'event_type', 'payload', 'run_id']
const NUMBERS = [
  '0',
  '-0',
  '1.50',
  '9007199254740993',
  '12345678901234567890',
  '-1E+5',
  '1e-400',
  '3e400',
  '0.10',
]
const STRINGS = [
  '',
  'a',
  'é',
  '😀',
  '\\u0000',
  '\\ud800',
  '\\udc00\\ud800',
  '\\ud83d\\ude00',
  '\\/',
  '\\\\',
  '\\"',
  '},{',
]
const NAMES = ['node_id', '__proto__', 'constructor', 'a b', '', '\\u0061', 'é', 'payload', 'run_id']
const SPACES = ['', '', '', ' ', '  ', '\n', '\r\n', '\t']
const TYPES = ['step_started', 'node_created', 'run_started', 'custom', '\\u0073tep_started', 'é']

function usualText(random: Random): string {
  const [id, run] = [idText(random), idText(random)]
  const payload = random.chance(0.7) ? objectText(random, someMembers(random, 3)) : valueText(random, 3)
  const type = random.chance(0.9) ? 'step_started' : random.pick(TYPES)
  const text = `{"event_id":${id},"timestamp":"2026-01-02T03:04:05.6Z","event_type":"${type}","payload":${payload},"run_id":${run}}`
  return random.chance(0.9) ? text : `${random.pick(SPACES)}${text}${random.pick(SPACES)}`
}

function idText(random: Random): string {
  return random.chance(0.9) ? `"${random.pick(['e-1', 'é', '😀 ', 'a/b', '__proto__'])}"` : stringText(random)
}

function freeText(random: Random): string {
  const members: [string, string][] = ENVELOPE.filter(
    (name) => name === 'event_type' || name === 'payload' || random.chance(0.9),
  ).map((name) => [spelled(random, name), envelopeValue(random, name)])
  const extra: [string, string][] = random.chance(0.3)
    ? [[random.pick(['extra', '__proto__', 'node_id', '\\u0065xtra']), valueText(random, 2)]]
    : []
  const twice = members
    .filter(() => random.chance(0.1))
    .map(([name]): [string, string] => [name, envelopeValue(random, plain(name))])
  return objectText(random, random.shuffle([...members, ...extra, ...twice]))
}

function envelopeValue(random: Random, name: string): string {
  if (name === 'event_type') return `"${random.pick(TYPES)}"`
  if (name === 'payload') return valueText(random, 3)
  return random.chance(0.1) ? 'null' : stringText(random)
}

/** A name, sometimes with its first letter as an escape. */
function spelled(random: Random, name: string): string {
  if (random.chance(0.95)) return name
  return `\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}`
}

function plain(name: string): string {
  return JSON.parse(`"${name}"`) as string
}

function stringText(random: Random): string {
  const parts = Array.from({ length: random.below(4) }, () => random.pick(STRINGS))
  return `"${parts.join('')}"`
}

function valueText(random: Random, depth: number): string {
  const kind = random.below(depth > 0 ? 8 : 4)
  if (kind === 0) return random.pick(NUMBERS)
  if (kind === 1) return random.pick(['null', 'true', 'false'])
  if (kind < 4) return stringText(random)
  if (kind === 4) {
    const items = Array.from({ length: random.below(4) }, () => padded(random, valueText(random, depth - 1)))
    return `[${items.join(',') || random.pick(SPACES)}]`
  }
  return objectText(random, someMembers(random, depth))
}

function someMembers(random: Random, depth: number): [string, string][] {
  return Array.from({ length: random.below(4) }, () => [random.pick(NAMES), valueText(random, depth - 1)])
}

function objectText(random: Random, members: [string, string][]): string {
  const parts = members.map(([name, value]) => `${padded(random, `"${name}"`)}:${padded(random, value)}`)
  return `{${parts.join(',') || random.pick(SPACES)}}`
}

function padded(random: Random, text: string): string {
  return random.chance(0.8) ? text : `${random.pick(SPACES)}${text}${random.pick(SPACES)}`
}
