/** JSON that parses and nests deeper than `JSON.stringify` and every recursive function can go. */

export function deepArray(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth)
}

export const DEEP = deepArray(20_000)
