/** What a recorder says of a call beside its texts. Existing runners say none of it. */

/** Where a call's answer came from; undefined where the recorder does not say. */
export function callSource(node: Record<string, unknown>): string | undefined {
  if (node.failed === true) return 'failed'
  if (Array.isArray(node.edited) && node.edited.includes('output')) return 'edited answer'
  const changed = Array.isArray(node.edited) && node.edited.includes('input') ? 'edited input, ' : ''
  if (node.cached === true) return `${changed}cached`
  return node.cached === false ? `${changed}live` : undefined
}

/** Short facts in reading order: provider, model, tokens, duration, how it ended, where the answer came from. */
export function callFacts(node: Record<string, unknown>): string[] {
  const facts = [
    textOf(node.provider),
    textOf(node.model),
    tokensOf(node),
    typeof node.duration_ms === 'number' ? `${node.duration_ms} ms` : undefined,
    textOf(node.finish_reason),
    typeof node.status === 'number' && node.status >= 400 ? `HTTP ${node.status}` : undefined,
    callSource(node),
  ]
  return facts.filter((fact) => fact !== undefined)
}

// internal

function tokensOf({ tokens_in, tokens_out }: Record<string, unknown>): string | undefined {
  if (typeof tokens_in !== 'number' && typeof tokens_out !== 'number') return undefined
  return `${tokens_in ?? '?'} → ${tokens_out ?? '?'} tokens`
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
